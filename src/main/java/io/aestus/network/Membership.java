package io.aestus.network;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.List;

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

    /** Whether a pod has these ports, and is attached as was planned. */
    boolean isComplete(List<PortMapping> wantedPorts, List<AttachmentRecord> planned) {
        return ports.equals(wantedPorts)
                && attachments.stream()
                        .allMatch(attachment -> attachment.result().isPresent())
                && attachments.stream().map(AttachmentRecord::planned).toList().equals(planned);
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
