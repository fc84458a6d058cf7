package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.cri.v1.IDMapping;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ImageStatusRequest;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.MountPropagation;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.UserNamespace;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageImport;
import io.aestus.fetch.Progress;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images as volumes of containers. */
@Tag("host")
class ImageVolumesHostTest extends RealNode {
    private static final String NAME = "registry.example.com/models:2";

    private String models;

    /** Files in two layers, of which the upper one takes some from the lower, and links that would like to leave. */
    @BeforeEach
    void storeImage() throws IOException {
        var build = new OciBuild()
                .layer(new RawTar()
                        .directory("weights")
                        .file("weights/small", "s")
                        .file("weights/old", "o")
                        .file("top", "t"))
                .layer(
                        new RawTar()
                                .directory("weights")
                                .file("weights/large", "l")
                                .file("weights/.wh.old", "")
                                .directory("etc")
                                .file("etc/hostname", "of-the-image")
                                .symlink("outside", "/etc")
                                .symlink("above", "../../../../etc/hostname")
                                .symlink("latest", "weights")
                                .symlink("loop", "loop"),
                        Compression.ZSTD);
        Path archive = Files.write(directory.resolve("models.tar"), build.ociArchive("2"));
        models = new ImageImport(store)
                .run(archive, Optional.of(OciReference.parse(NAME)), FetchPolicy.Platforms.ANY, Progress.NONE)
                .getFirst()
                .id()
                .toString();
    }

    private static Mount.Builder mount(String image, String path) {
        return Mount.newBuilder()
                .setContainerPath("/models")
                .setReadonly(true)
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setImageSubPath(path);
    }

    private String output(String sandbox, String name, Mount.Builder mount, String script) throws IOException {
        String id = create(sandbox, name, script, config -> config.addMounts(mount));
        startContainer(id);
        exited(id);
        return log(name)
                .lines()
                .map(line -> line.replaceFirst("^[^ ]+ [^ ]+ [PF] ", ""))
                .reduce("", (a, b) -> a + b);
    }

    @Test
    void an_image_is_seen_merged_and_nobody_writes_to_it_or_runs_it() throws IOException {
        String sandbox = sandbox("volume");
        String script = "cd /models; echo *; echo weights/*; cat top; touch new; echo $?; cat /proc/mounts";
        String id =
                create(sandbox, "all", "cat /models/top; exec sleep 1000", config -> config.addMounts(mount(NAME, "")));
        startContainer(id);
        assertEquals(
                List.of(mount(models, "").build()), status(id).getMountsList(), "what the status says of the mount");
        String seen = exec(id, 20, "/bin/sh", "-c", script).getStdout().toStringUtf8();
        assertTrue(
                seen.startsWith("above etc latest loop outside top weights\nweights/large weights/small\nt1\n"), seen);
        String options = seen.lines()
                .filter(line -> line.contains(" /models "))
                .findFirst()
                .orElseThrow();
        for (String option : List.of("ro", "nosuid", "nodev", "noexec")) {
            assertTrue(options.matches(".* overlay [^ ]*\\b" + option + "\\b.*"), options);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "weights, 'cat /models/large /models/small', ls",
        "weights/large, 'cat /models', l",
        "latest, 'cat /models/small', s",
        "outside, 'cat /models/hostname', of-the-image",
        "above, 'cat /models', of-the-image",
        "/weights/./small, 'cat /models', s",
    })
    void a_path_in_an_image_never_leaves_it(String path, String script, String expected) throws IOException {
        assertEquals(expected, output(sandbox("part"), "part", mount(models, path), script));
    }

    @Test
    void users_of_a_pod_that_has_its_own_see_its_owners_as_their_own() throws IOException {
        var range =
                IDMapping.newBuilder().setHostId(0x1000_0000).setLength(65536).build();
        var config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName("users")
                        .setNamespace("default")
                        .setUid("users"))
                .setLogDirectory(directory.resolve("logs").toString());
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setPid(NamespaceMode.CONTAINER)
                .setUsernsOptions(UserNamespace.newBuilder()
                        .setMode(NamespaceMode.POD)
                        .addUids(range)
                        .addGids(range));
        String sandbox = client.runtime
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build())
                .getPodSandboxId();
        var mount = mount(models, "weights").addUidMappings(range).addGidMappings(range);
        assertEquals(
                "00l",
                output(sandbox, "users", mount, "echo -n $(busybox stat -c %u%g /models/large); cat /models/large"));
    }

    @Test
    void an_app_container_image_is_a_volume_too() throws IOException {
        var mount = mount(image.toString(), "bin");
        assertEquals("yes", output(sandbox("aci"), "aci", mount, "[ -f /models/busybox ] && echo yes"));
    }

    private void refused(Status.Code code, String message, Mount.Builder mount) {
        String sandbox = sandbox("refused");
        var refused = assertThrows(
                StatusRuntimeException.class, () -> create(sandbox, "app", "true", config -> config.addMounts(mount)));
        assertEquals(code, refused.getStatus().getCode(), refused.getMessage());
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    @Test
    void what_is_not_there_and_what_makes_no_sense_is_refused_when_the_container_is_created() {
        refused(
                Status.Code.NOT_FOUND,
                "ImageVolumeMountFailed: cannot mount image 'no.example.com/x'",
                mount("no.example.com/x", ""));
        refused(
                Status.Code.NOT_FOUND,
                "ImageVolumeMountFailed: cannot mount 'weights/none'",
                mount(models, "weights/none"));
        refused(Status.Code.NOT_FOUND, "there is nothing at that path", mount(models, "weights/old"));
        refused(Status.Code.NOT_FOUND, "there is nothing at that path", mount(models, "loop"));
        refused(Status.Code.NOT_FOUND, "there is nothing at that path", mount(models, "top/x"));
        refused(Status.Code.INVALID_ARGUMENT, "image_sub_path", mount(models, "weights/../../etc"));
        refused(Status.Code.INVALID_ARGUMENT, "host_path", mount(models, "").setHostPath("/tmp"));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "propagation",
                mount(models, "").setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "image_sub_path",
                mount(models, "x").clearImage().setHostPath("/tmp"));
    }

    @Test
    void an_image_stays_as_long_as_a_container_has_it_and_no_longer() throws Exception {
        String id = create(sandbox("keeper"), "app", "true", config -> config.addMounts(mount(NAME, "weights")));
        var remove = RemoveImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(NAME))
                .build();
        var refused = assertThrows(StatusRuntimeException.class, () -> client.images.removeImage(remove));
        assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode(), refused.getMessage());
        store.gc(Duration.ZERO, Set.of());
        assertTrue(isHere(), "it was collected");
        client.runtime.removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(id).build());
        client.images.removeImage(remove);
        assertFalse(isHere(), "it is still there");
    }

    private boolean isHere() {
        return client.images
                .imageStatus(ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(NAME))
                        .build())
                .hasImage();
    }
}
