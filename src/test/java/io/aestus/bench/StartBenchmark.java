package io.aestus.bench;

import java.nio.file.Path;
import java.util.List;

/** How long short commands take beside a bare JVM's hello world. Arguments: java, the launcher, an empty data directory. */
final class StartBenchmark {
    private StartBenchmark() {}

    /** The bare JVM's program. */
    static final class Hello {
        private Hello() {}

        public static void main(String[] args) {
            System.out.println("hello");
        }
    }

    public static void main(String[] args) throws Exception {
        String java = args[0];
        String launcher = args[1];
        String classes = Path.of(StartBenchmark.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        new SideBySide(3, 30)
                .with(
                        "bare JVM, hello world",
                        List.of(
                                java,
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:-UsePerfData",
                                "-cp",
                                classes,
                                Hello.class.getName()))
                .with("`aestus version`", List.of(launcher, "version"))
                .with("`aestus list`", List.of(launcher, "--dir", args[2], "list"))
                .with("`aestus image list`", List.of(launcher, "--dir", args[2], "image", "list"))
                .print("command");
    }
}
