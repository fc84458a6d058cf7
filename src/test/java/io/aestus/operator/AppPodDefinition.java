package io.aestus.operator;

import io.aestus.operator.v1alpha1.AppPod;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The custom resource definition of AppPod, made from the records; what annotations cannot say is added here. */
final class AppPodDefinition {
    private static final String HEADER = """
            # The resource AppPod, generated from the records in io.aestus.operator.v1alpha1: change those, then run the test
            # AppPodDefinitionTest with -Dgolden.update=true.
            """;
    private static final List<String> COLUMNS = List.of("READY", "STATUS", "RESTARTS", "NODE", "SIGNED-BY", "AGE");

    /** Lists whose elements have a name: server-side apply and strategic tools merge them by it. */
    private static final Map<String, String> KEYED_LISTS = Map.of(
            "spec.apps", "name",
            "spec.volumes", "name",
            "spec.apps.environment", "name",
            "spec.apps.ports", "name",
            "spec.apps.mounts", "path",
            "spec.apps.eventHandlers", "name",
            "status.conditions", "type",
            "status.apps", "name");

    private AppPodDefinition() {}

    static String yaml() {
        var out = new ByteArrayOutputStream();
        new CRDGenerator()
                .customResourceClasses(AppPod.class)
                .withMinQuotes(false) // or the words True and False of conditions would be read as booleans
                .withPostProcessor(new Finishing())
                .withOutput(new InMemory(out))
                .detailedGenerate();
        String generated = out.toString(StandardCharsets.UTF_8);
        return HEADER + generated.substring(generated.indexOf("apiVersion:"));
    }

    private record InMemory(ByteArrayOutputStream out) implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        @Override
        public ByteArrayOutputStream outputFor(String name) {
            return out;
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    private static final class Finishing implements CRDPostProcessor {
        @Override
        public HasMetadata process(HasMetadata resource, String version) {
            var definition = (CustomResourceDefinition) resource;
            definition.getMetadata().setLabels(Map.of("app.kubernetes.io/name", "aestus"));
            var served = definition.getSpec().getVersions().getFirst();
            served.getAdditionalPrinterColumns()
                    .sort(Comparator.comparingInt(column -> COLUMNS.indexOf(column.getName())));
            served.getAdditionalPrinterColumns().forEach(Finishing::withoutPriority);
            JSONSchemaProps schema = served.getSchema().getOpenAPIV3Schema();
            schema.setDescription("A pod of App Container images, run by the Aestus agent of its node.");
            schema.getProperties().get("spec").setDescription("What is asked for.");
            schema.getProperties().get("status").setDescription("What the node reports.");
            schema.setRequired(List.of("spec"));
            KEYED_LISTS.forEach((path, key) -> {
                JSONSchemaProps list = at(schema, path);
                list.setXKubernetesListType("map");
                list.setXKubernetesListMapKeys(List.of(key));
            });
            return definition;
        }

        private static void withoutPriority(CustomResourceColumnDefinition column) {
            column.setPriority(null);
        }

        private static JSONSchemaProps at(JSONSchemaProps schema, String path) {
            JSONSchemaProps here = schema;
            for (String step : path.split("\\.", -1)) {
                JSONSchemaProps object =
                        here.getItems() == null ? here : here.getItems().getSchema();
                here = object.getProperties().get(step);
            }
            return here;
        }
    }
}
