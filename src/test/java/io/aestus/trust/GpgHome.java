package io.aestus.trust;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A real GnuPG with keys of its own, in a directory that goes away with its agent. */
public final class GpgHome implements AutoCloseable {
    private final Path home;
    private int files;

    public GpgHome() {
        try {
            home = Files.createTempDirectory("gpg"); // the agent's socket wants a short path; mode 0700 from birth
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a primary key that may sign, without passphrase; answers its fingerprint. */
    public String key(String userId, String algorithm, String... options) {
        return keyFor("sign", "never", userId, algorithm, options);
    }

    String keyFor(String usage, String expire, String userId, String algorithm, String... options) {
        run(new byte[0], options, "--quick-generate-key", userId, algorithm, usage, expire);
        return fingerprints(userId).getFirst();
    }

    /** Adds a subkey and answers its fingerprint. */
    public String subkey(String fingerprint, String algorithm, String usage, String expire, String... options) {
        run(new byte[0], options, "--quick-add-key", fingerprint, algorithm, usage, expire);
        return fingerprints(fingerprint).getLast();
    }

    /** Primary first, lower case. */
    public List<String> fingerprints(String key) {
        String listing = new String(run(new byte[0], "--with-colons", "--list-keys", key), StandardCharsets.UTF_8);
        return listing.lines()
                .filter(line -> line.startsWith("fpr:"))
                .map(line -> line.split(":", -1)[9].toLowerCase(Locale.ROOT))
                .toList();
    }

    public byte[] export(String key) {
        return run(new byte[0], "--armor", "--export", key);
    }

    OpenPgpKey exported(String key) {
        return OpenPgpKey.readAll(export(key), key).getFirst();
    }

    /** A detached signature; {@code options} such as {@code --armor}, {@code --faked-system-time}. */
    public byte[] sign(byte[] data, String with, String... options) {
        return run(data, options, "--local-user", with, "--detach-sign");
    }

    /** The certificate that GnuPG made with the key, for the day of its loss. */
    void revoke(String fingerprint) {
        try {
            Path prepared = home.resolve("openpgp-revocs.d").resolve(fingerprint.toUpperCase(Locale.ROOT) + ".rev");
            String certificate = Files.readString(prepared).replace(":-----BEGIN", "-----BEGIN");
            run(certificate.getBytes(StandardCharsets.UTF_8), "--import");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a person would type in the key editor. */
    void edit(String fingerprint, String... lines) {
        run(
                (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8),
                new String[] {"--command-fd", "0", "--status-fd", "2", "--no-batch", "--no-tty"},
                "--edit-key",
                fingerprint);
    }

    byte[] run(byte[] input, String... command) {
        return run(input, new String[0], command);
    }

    byte[] run(byte[] input, String[] options, String... command) {
        List<String> line =
                new ArrayList<>(List.of("gpg", "--homedir", home.toString(), "--batch", "--yes", "--quiet"));
        line.addAll(
                List.of("--no-greeting", "--pinentry-mode", "loopback", "--passphrase", "", "--trust-model", "always"));
        line.addAll(List.of(options));
        line.addAll(List.of(command));
        try {
            Path in = Files.write(home.resolve("in" + files++), input);
            Path out = home.resolve("out" + files);
            Path err = home.resolve("err" + files);
            Process gpg = new ProcessBuilder(line)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!gpg.waitFor(60, TimeUnit.SECONDS) || gpg.exitValue() != 0) {
                gpg.destroyForcibly();
                throw new IllegalStateException(line + " failed: " + Files.readString(err));
            }
            return Files.readAllBytes(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        new ProcessBuilder("gpgconf", "--homedir", home.toString(), "--kill", "gpg-agent")
                .start()
                .waitFor();
        try (var files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file); // the agent may take its sockets away first
            }
        }
    }
}
