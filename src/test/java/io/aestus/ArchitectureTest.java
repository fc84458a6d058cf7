package io.aestus;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The one-way arrows between the rooms, as docs/architecture.md draws them. */
class ArchitectureTest {
    private static final String BASE = "io.aestus";

    /** Each room with all that it may use besides itself and io.aestus, directly. */
    private static final Map<String, List<String>> MAY_USE = rooms();

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(BASE);

    private static Map<String, List<String>> rooms() {
        var rooms = new LinkedHashMap<String, List<String>>();
        rooms.put("json", List.of());
        rooms.put("appc", List.of("json"));
        rooms.put("linux", List.of());
        rooms.put("oci", List.of("appc", "json"));
        rooms.put("aci", List.of("appc", "json", "linux"));
        rooms.put("trust", List.of("appc", "linux"));
        rooms.put("discovery", List.of("appc"));
        rooms.put("store", List.of("aci", "oci", "appc", "json", "linux"));
        rooms.put("fetch", List.of("aci", "oci", "appc", "trust", "discovery", "store", "json", "linux"));
        rooms.put("network", List.of("linux", "json"));
        rooms.put("executor", List.of("linux", "network", "store", "aci", "appc", "json"));
        rooms.put("metadata", List.of("executor", "store", "appc", "json"));
        rooms.put("rpc", List.of());
        rooms.put("cri", List.of("rpc", "executor", "network", "fetch", "store", "oci", "appc", "json", "linux"));
        rooms.put("client", List.of("cri", "json"));
        rooms.put("api", List.of("rpc", "executor", "network", "store", "appc"));
        rooms.put("operator", List.of("executor", "network", "fetch", "store", "appc", "json"));
        rooms.put(
                "cli",
                List.of(
                        "json",
                        "appc",
                        "linux",
                        "aci",
                        "oci",
                        "trust",
                        "discovery",
                        "store",
                        "fetch",
                        "network",
                        "executor",
                        "metadata"));
        rooms.put(
                "agent",
                List.of(
                        "json",
                        "appc",
                        "linux",
                        "aci",
                        "oci",
                        "trust",
                        "discovery",
                        "store",
                        "fetch",
                        "network",
                        "executor",
                        "metadata",
                        "rpc",
                        "cri",
                        "api",
                        "operator"));
        return rooms;
    }

    @TestFactory
    Stream<DynamicTest> a_room_uses_only_what_its_arrows_allow() {
        return MAY_USE.entrySet().stream()
                .map(room -> DynamicTest.dynamicTest(room.getKey(), () -> allows(room.getKey(), room.getValue())
                        .check(CLASSES)));
    }

    private static com.tngtech.archunit.lang.ArchRule allows(String room, List<String> others) {
        var forbidden = MAY_USE.keySet().stream()
                .filter(other -> !other.equals(room) && !others.contains(other))
                .map(other -> BASE + "." + other + "..")
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(BASE + "." + room + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(forbidden))
                .allowEmptyShould(true);
    }

    @Test
    void a_client_knows_of_the_interface_only_its_messages() {
        noClasses()
                .that()
                .resideInAPackage(BASE + ".client..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(BASE + ".cri"))
                .check(CLASSES);
    }

    @Test
    void what_says_errors_uses_no_room() {
        classes()
                .that()
                .resideInAPackage(BASE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(BASE, "java..", "org.jspecify.."))
                .check(CLASSES);
    }

    @Test
    void frameworks_stay_at_the_edges() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        BASE + ".rpc..",
                        BASE + ".cri..",
                        BASE + ".client..",
                        BASE + ".api..",
                        BASE + ".operator..",
                        BASE + ".agent..")
                .and()
                .resideInAPackage(BASE + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "io.quarkus..",
                        "jakarta..",
                        "io.grpc..",
                        "io.netty..",
                        "io.vertx..",
                        "io.fabric8..",
                        "com.google.protobuf..",
                        "org.eclipse.microprofile.."))
                .check(CLASSES);
    }

    @Test
    void every_package_is_a_room_of_the_table() {
        Set<String> unknown = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            String name = type.getPackageName();
            if (name.startsWith(BASE + ".")) {
                String room = name.substring(BASE.length() + 1).split("\\.", 2)[0];
                if (!MAY_USE.containsKey(room)) {
                    unknown.add(room);
                }
            }
        }
        assertEquals(Set.of(), unknown, "packages outside the table of rooms");
    }
}
