package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A pod of App Container images. {@link AppPodSpec} is what its author asks for, {@link AppPodStatus} what the node reports. */
@Group(AppPod.GROUP)
@Version(AppPod.VERSION)
@Kind(AppPod.KIND)
@Plural("apppods")
@Singular("apppod")
@ShortNames("apod")
@AdditionalSelectableField(jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "READY", jsonPath = ".status.ready")
@AdditionalPrinterColumn(name = "STATUS", jsonPath = ".status.summary")
@AdditionalPrinterColumn(name = "RESTARTS", jsonPath = ".status.restarts", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "NODE", jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "SIGNED-BY", jsonPath = ".status.signedBy")
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@JsonInclude(JsonInclude.Include.NON_NULL)
public final class AppPod extends CustomResource<AppPodSpec, AppPodStatus> implements Namespaced {
    public static final String GROUP = "aestus.io";
    public static final String VERSION = "v1alpha1";
    public static final String KIND = "AppPod";

    private static final long serialVersionUID = 1L;
}
