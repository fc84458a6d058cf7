package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.testing.PackedProgram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A script that was written for rkt, run through a link named {@code rkt}. */
@Tag("host")
@Timeout(300)
class RktTest extends InABox {
    private static final String SCRIPT = """
            set -eu
            rkt() { "%1$s/rkt" --dir=%2$s --local-config=%3$s --insecure-options=image "$@"; }
            code() { set +e; "$@" >/dev/null 2>&1; echo "$1 ${2:-}: $?"; set -e; }
            rkt version | sed -n 's/Version: .*/Version/p' | head -2
            id=$(rkt fetch --full=true %4$s)
            rkt --store-only fetch example.com/box >/dev/null
            rkt image list --no-legend --fields=name
            rkt run --net=none --stage1-name=coreos.com/rkt/stage1-coreos:1.30.0 --no-overlay=false \\
                example.com/box --name one --environment=A=image --set-env=B=pod -- -c 'echo $A $B' --- 2>notices
            cat notices >&2
            uuid=$(rkt prepare --quiet --net=none "$id" --name=web --exec /bin/sh -- -c 'echo ran; exit 7')
            rkt list --no-legend --full=false | awk -v uuid="${uuid%%%%-*}" '$1 == uuid { print $2, $3, $4 }'
            code rkt run-prepared "$uuid"
            rkt status "$uuid" | grep -e ^state= -e ^exited= -e ^app-
            rkt status "$uuid" | grep -cE '^created=[0-9-]{10} [0-9:]{8}(\\.[0-9]{1,3})? [+-][0-9]{4} [A-Z]'
            code rkt status nosuch
            code rkt status --uuid-file=nosuch
            code rkt stop --uuid-file=nosuch
            code rkt app list nosuch
            code rkt frobnicate
            code rkt list --frobnicate
            code rkt
            rkt run --net=none --uuid-file-save=uuid "$id" --name=long -- -c 'trap "exit 0" TERM; while :; do sleep 0.1; done' &
            until [ -s uuid ] && rkt status --uuid-file=uuid | grep -q ^state=running; do sleep 0.1; done
            rkt enter --app=long "$(cat uuid)" /bin/sh -c "echo entered"
            rkt cat-manifest --pretty-print=true "$(cat uuid)" | grep -c '"name": "long"'
            test "$(rkt stop --uuid-file=uuid)" = "\\"$(cat uuid)\\""
            wait
            rkt status --wait=true --uuid-file=uuid | grep ^state=
            rkt stop --uuid-file=uuid | sed 's/"[^"]*"/UUID/'
            rkt gc --mark-only=true 2>&1 | sed 's/"[^"]*"/UUID/' | sort -u
            rkt gc --grace-period=0s --expire-prepared=0s | sed 's/"[^"]*"/UUID/' | sort -u
            rkt list --format=json
            rkt image rm "$id" | sed 's/"[^"]*"/ID/'
            """;

    private Path bin;

    @BeforeEach
    void prepare() throws IOException {
        bin = Files.createDirectories(dir.resolve("home/bin"));
        Files.createDirectories(dir.resolve("home/lib"));
        Files.copy(Path.of("bin/aestus"), bin.resolve("aestus"));
        Files.createSymbolicLink(bin.resolve("rkt"), Path.of("aestus"));
        Files.createSymbolicLink(dir.resolve("home/lib/aestus.jar"), PackedProgram.jar());
        for (String cache : List.of("long", "short", "version")) {
            Files.createSymbolicLink(dir.resolve("home/lib/" + cache + ".aot"), PackedProgram.cache());
        }
    }

    @Test
    void a_script_written_for_rkt_works_through_a_link() throws Exception {
        Path script = Files.writeString(
                dir.resolve("script"),
                SCRIPT.formatted(bin, box.shell.data(), box.shell.config(), dir.resolve("box.aci")));
        var builder = new ProcessBuilder("/bin/bash", script.toString())
                .directory(dir.toFile())
                .redirectError(dir.resolve("errors").toFile());
        builder.environment()
                .put(
                        "AESTUS_JAVA",
                        Path.of(System.getProperty("java.home"), "bin/java").toString());
        Process process = builder.start();
        String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String errors = Files.readString(dir.resolve("errors"));
        assertEquals(
                List.of(
                        "rkt Version",
                        "appc Version",
                        "example.com/box",
                        "image pod",
                        "web example.com/box prepared",
                        "rkt run-prepared: 7",
                        "state=exited",
                        "exited=true",
                        "app-web=7",
                        "1",
                        "rkt status: 254",
                        "rkt status: 1",
                        "rkt stop: 1",
                        "rkt app: 1",
                        "rkt frobnicate: 254",
                        "rkt list: 254",
                        "rkt : 2",
                        "entered",
                        "1",
                        "state=exited",
                        "moving pod UUID to garbage",
                        "Garbage collecting pod UUID",
                        "[]",
                        "successfully removed aci for image: ID"),
                seen.lines().toList(),
                errors);
        assertEquals(0, process.waitFor(), errors);
        assertTrue(errors.contains("rkt: --stage1-name means nothing to Aestus and is left out\n"), errors);
    }

    @Test
    void words_of_rkt_are_translated() {
        assertEquals(
                List.of("run", "--net=default", "--caps-retain=CAP_KILL", "a", "--", "--no-overlay", "---", "b"),
                words("run --cap-retain=CAP_KILL --no-overlay a -- --no-overlay --- b"));
        assertEquals(List.of("run", "--net=default", "a"), words("run --net a"));
        assertEquals(List.of("run", "--net=host", "a"), words("run --net=host a"));
        assertEquals(List.of("run", "--net=default", "--pull-policy=never", "a"), words("run --store-only a"));
        assertEquals(List.of("list", "--full"), words("list --full=true --no-legend=false"));
        assertEquals(List.of("enter", "5d0f", "/bin/bash"), words("enter 5d0f"));
        assertEquals(List.of("enter", "--app", "web", "5d0f", "/bin/bash"), words("enter --app web 5d0f"));
        assertEquals(List.of("enter", "5d0f", "id", "-u"), words("enter 5d0f id -u"));
        assertEquals(List.of("prepare", "--net=default", "a"), words("prepare --quiet a"));
        assertEquals(
                List.of("run", "--stage1=fly", "--net=host", "a"),
                words("run --stage1-from-dir=stage1-fly.aci --net=host a"));
        assertEquals(List.of("status", "--wait", "5d0f"), words("status --wait=true 5d0f"));
        assertEquals(List.of("--system-config=/etc/x", "list"), words("--system-config=/etc/x list"));
        assertEquals(List.of("run-prepared", "--ipc=parent", "5d0f"), words("run-prepared --ipc=parent 5d0f"));
        assertEquals(List.of("status", "--wait=10s", "5d0f"), words("status --wait=10s 5d0f"));
    }

    private static List<String> words(String line) {
        return RktWords.translate(List.of(line.split(" ", -1))).words();
    }

    @Test
    void what_had_to_be_started_for_rkt_is_said_not_to_be_needed() {
        for (String command : List.of("metadata-service", "api-service")) {
            String text = said(ExitCode.DONE, "--debug", command, "--listen-port=18112");
            assertTrue(text.startsWith("rkt: nothing is to be started"), text);
        }
    }

    @Test
    void errors_begin_with_rkt_and_advise_commands_of_that_name() {
        assertEquals("""
                rkt: unknown command 'frobnicate'
                rkt --help lists the commands
                """, said(ExitCode.FAILED, "frobnicate"));
        assertEquals("""
                rkt: cannot choose a pod: none is named
                  try: rkt list shows all
                usage: rkt stop [OPTIONS] [POD...]   (rkt stop --help explains)
                """, said(ExitCode.FAILED, "stop"));
        assertEquals("rkt gc and rkt image gc", Dialect.RKT.named("aestus gc and aestus image gc"));
        assertEquals("the file /etc/aestus of yours", Dialect.RKT.named("the file /etc/aestus of yours"));
        assertEquals("aestus gc", Dialect.AESTUS.named("aestus gc"));
    }

    /** What is said on standard error. */
    private static String said(int code, String... words) {
        var said = new ByteArrayOutputStream();
        var rkt = new Aestus(
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(said, true, StandardCharsets.UTF_8),
                Map.of(),
                Caller.ofProcess(),
                Dialect.RKT);
        assertEquals(code, rkt.run(List.of(words)));
        return said.toString(StandardCharsets.UTF_8);
    }
}
