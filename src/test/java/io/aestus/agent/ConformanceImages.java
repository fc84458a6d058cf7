package io.aestus.agent;

import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.fetch.TestRegistry;
import io.aestus.oci.OciBuild;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The images that the conformance suite of the Container Runtime Interface asks for, by the names that it has for them, with what it
 * wants of each: all are one static busybox with users, and some a program besides.
 */
final class ConformanceImages {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final String E2E = "e2e-test-images/";
    private static final String STAGING = "k8s-staging-cri-tools/";
    private static final String SHELL = "\"Entrypoint\":[\"/bin/sh\"]";

    /** What distributions leave out of their busybox and the suite calls. */
    private static final String PGREP = "#!/bin/sh\nexec pidof \"$1\"\n";

    private static final String IPCS = "#!/bin/sh\nexec cat /proc/sysvipc/shm\n";

    /** A web server that has the name of another, with a process for its work, a file that tells its first one, and a line in its log. */
    private static final String NGINX = """
            #!/bin/sh
            # nginx WHAT PORT
            echo $$ >/var/run/nginx.pid
            /bin/httpd -f -p "$2" -h /srv &
            trap "kill $!; exit 0" TERM QUIT
            echo "$1 at port $2, in the place of httpd"
            wait
            """;

    private static final String USERS = """
            root:x:0:0:root:/root:/bin/sh
            www-data:x:33:33:www-data:/var/www:/bin/false
            default-user:x:1000:1000::/home:/bin/sh
            nobody:x:65534:65534:nobody:/:/bin/false
            """;

    private static final String GROUPS = """
            root:x:0:
            www-data:x:33:
            default-user:x:1000:
            group-defined-in-image:x:50000:default-user
            nogroup:x:65534:
            """;

    private final TestRegistry registry;
    private final byte[] busybox;
    private final byte[] shell;
    private final List<String> applets;

    private ConformanceImages(TestRegistry registry, byte[] busybox, List<String> applets) {
        this.registry = registry;
        this.busybox = busybox;
        this.shell = without("ls", busybox);
        this.applets = List.copyOf(applets);
    }

    /**
     * Has a registry serve all of them.
     *
     * @param effectiveUid the program that says as whom it runs, which gets the right to become root
     * @return the digest of the one that the suite names by its digest
     */
    static String serve(TestRegistry registry, Path effectiveUid) throws IOException, InterruptedException {
        Process list = new ProcessBuilder(BUSYBOX.toString(), "--list")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> applets = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        if (list.waitFor() != 0) {
            throw new IOException(BUSYBOX + " does not list what it has");
        }
        var images = new ConformanceImages(registry, Files.readAllBytes(BUSYBOX), applets);
        images.serveWorkers(Files.readAllBytes(effectiveUid));
        return images.serveNames();
    }

    private void serveWorkers(byte[] effectiveUid) {
        String goArchitecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        registry.push(E2E + "busybox", "1.29-2", box("busybox").runs("\"Cmd\":[\"sh\"]"))
                .push(E2E + "nginx", "1.14-2", web("nginx", 80))
                .push(E2E + "httpd", "2.4.39-4", web("httpd", 80))
                .push(STAGING + "hostnet-nginx-" + goArchitecture, "latest", web("nginx", 12003))
                .push(
                        E2E + "nonewprivs",
                        "1.3",
                        box("nonewprivs")
                                .layer(new RawTar()
                                        .header(new RawTar.Header("nnp", '0', effectiveUid.length).mode(04755))
                                        .padded(effectiveUid))
                                .runs("\"Entrypoint\":[\"/nnp\"]"))
                .push(STAGING + "test-image-predefined-group", "latest", user("1000"));
    }

    private String serveNames() {
        registry.push(STAGING + "test-image-user-uid", "latest", user("1002"))
                .push(STAGING + "test-image-user-username", "latest", user("www-data"))
                .push(STAGING + "test-image-user-uid-group", "latest", user("1003:1004"))
                .push(STAGING + "test-image-user-username-group", "latest", user("www-data:1004"));
        for (String name : List.of("test-image-latest", "test-image-1", "test-image-2", "test-image-3")) {
            registry.push(STAGING + name, "latest", box(name).runs(SHELL));
        }
        for (String tag : List.of("test", "all")) {
            registry.push(STAGING + "test-image-tag", tag, box(tag).runs(SHELL));
        }
        OciBuild one = box("same-image").runs(SHELL);
        for (String tag : List.of("1", "2", "3")) {
            registry.push(STAGING + "test-image-tags", tag, one);
        }
        OciBuild known = box("test-image-digest").runs(SHELL);
        registry.push(STAGING + "test-image-digest", "latest", known);
        return known.descriptor().digest().toString();
    }

    private OciBuild user(String user) {
        return box("user").runs(SHELL + ",\"User\":\"" + user + "\"");
    }

    private OciBuild web(String what, int port) {
        return box(what)
                .layer(new RawTar().directory("srv").file("srv/index.html", "<h1>" + what + "</h1>\n"))
                .runs("\"Entrypoint\":[\"/sbin/nginx\",\"" + what + ": master process\",\"" + port + "\"]");
    }

    /**
     * All have one layer in common, and one that tells them apart. Each tool is a file of its own, as in Docker's busybox: it can be
     * hidden without the others.
     */
    private OciBuild box(String name) {
        var files = new RawTar().directory("bin");
        program(files, "bin/busybox", busybox);
        program(files, "bin/sh", shell);
        for (String applet : applets) {
            if (!List.of("busybox", "sh").contains(applet)) {
                files.hardLink("bin/" + applet, "bin/busybox");
            }
        }
        for (String directory : List.of("etc", "home", "mnt", "root", "sbin", "var", "var/run")) {
            files.directory(directory);
        }
        files.header(new RawTar.Header("tmp", '5', 0).mode(01777))
                .file("etc/passwd", USERS)
                .file("etc/group", GROUPS);
        program(files, "sbin/pgrep", PGREP.getBytes(StandardCharsets.UTF_8));
        program(files, "sbin/ipcs", IPCS.getBytes(StandardCharsets.UTF_8));
        program(files, "sbin/nginx", NGINX.getBytes(StandardCharsets.UTF_8));
        return new OciBuild()
                .layer(files, Compression.NONE)
                .layer(new RawTar().directory("etc").file("etc/name", name));
    }

    private static void program(RawTar files, String path, byte[] content) {
        files.header(new RawTar.Header(path, '0', content.length).mode(0755)).padded(content);
    }

    /** Busybox under whose name of a tool there is none: Debian's shell runs its tools without looking for their files. */
    private static byte[] without(String tool, byte[] busybox) {
        String text = new String(busybox, StandardCharsets.ISO_8859_1);
        String between = "\0" + tool + "\0";
        String renamed = "\0" + tool.substring(0, tool.length() - 1) + "r\0"; // of a sorted list
        return text.replace(between, renamed).getBytes(StandardCharsets.ISO_8859_1);
    }
}
