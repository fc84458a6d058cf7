package io.aestus.network;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.List;
import java.util.Optional;

/**
 * A pod in a network, as it was asked for: the configuration may change or vanish while the pod runs, and what takes it back
 * must be told what made it.
 *
 * @param capabilities what plugins may be told of it
 * @param result what the last plugin said; empty until it did
 */
record AttachmentRecord(
        Network network,
        CniVersion version,
        NetworkChoice choice,
        String interfaceName,
        JsonObject capabilities,
        Optional<JsonObject> result) {

    AttachmentRecord made(JsonObject newResult) {
        return new AttachmentRecord(network, version, choice, interfaceName, capabilities, Optional.of(newResult));
    }

    /** What decides how plugins make it. */
    AttachmentRecord heeded() {
        NetworkChoice heeded = network.isNameBlind() ? choice.nameless() : choice;
        return new AttachmentRecord(network, version, heeded, interfaceName, capabilities, Optional.empty());
    }

    /** What the pod has of it. */
    Attachment attachment() {
        JsonView made = JsonView.of(result.orElse(JsonObject.EMPTY), "the result of network " + network.name());
        return new Attachment(network.name(), interfaceName, Result.addresses(made), Result.names(made));
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("network", network.toJson())
                .put("version", version.toString())
                .put("choice", choice.toJson())
                .put("interface", interfaceName)
                .put("capabilities", capabilities)
                .put("result", result)
                .build();
    }

    static AttachmentRecord read(JsonView json) {
        return new AttachmentRecord(
                Network.read(json.required("network")),
                json.required("version").parsed(CniVersion::parse),
                NetworkChoice.read(json.required("choice")),
                json.required("interface").string(),
                json.required("capabilities").object(),
                json.optional("result").map(JsonView::object));
    }

    /** What a pod has of its networks, in the order in which it was attached to them. */
    static List<Attachment> attachments(List<AttachmentRecord> records) {
        return records.stream().map(AttachmentRecord::attachment).toList();
    }
}
