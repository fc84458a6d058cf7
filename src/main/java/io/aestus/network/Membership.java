package io.aestus.network;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is on record of one pod.
 *
 * @param ports of the host that it has
 * @param attachments to its networks, in order; one that has no result yet is being made
 */
record Membership(List<PortMapping> ports, List<AttachmentRecord> attachments) {
    /** A higher one is refused rather than misread. */
    private static final int FORMAT = 1;

    Membership {
        ports = List.copyOf(ports);
        attachments = List.copyOf(attachments);
    }

    Membership with(List<AttachmentRecord> newAttachments) {
        return new Membership(ports, newAttachments);
    }

    /**
     * The same for a pod that is attached as was planned.
     *
     * @return what it has, asked for as planned; empty if anything is otherwise that its plugins heed
     */
    Optional<Membership> as(List<PortMapping> wantedPorts, List<AttachmentRecord> planned) {
        if (!ports.equals(wantedPorts) || !heeded(attachments).equals(heeded(planned))) {
            return Optional.empty();
        }
        var made = new ArrayList<AttachmentRecord>();
        for (int i = 0; i < planned.size(); i++) {
            Optional<JsonObject> result = attachments.get(i).result();
            if (result.isEmpty()) {
                return Optional.empty();
            }
            made.add(planned.get(i).made(result.get()));
        }
        return Optional.of(with(made));
    }

    private static List<AttachmentRecord> heeded(List<AttachmentRecord> records) {
        return records.stream().map(AttachmentRecord::heeded).toList();
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("format", FORMAT)
                .putUnlessEmpty("ports", Json.array(ports, PortMapping::toJson))
                .put("attachments", Json.array(attachments, AttachmentRecord::toJson))
                .build();
    }

    static Membership read(JsonView view) {
        view.required("format").whole(FORMAT, FORMAT);
        return new Membership(view.list("ports", PortMapping::read), view.list("attachments", AttachmentRecord::read));
    }
}
