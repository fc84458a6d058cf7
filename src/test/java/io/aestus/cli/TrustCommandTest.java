package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.trust.GpgHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of a real GnuPG. */
class TrustCommandTest {
    private static final String PREFIX = "example.com/shop";

    private static GpgHome gpg;
    private static String fingerprint;
    private static String subkey;

    @TempDir
    Path dir;

    private Shell shell;
    private Path key;

    @BeforeAll
    static void makeKey() {
        gpg = new GpgHome();
        fingerprint = gpg.key("Carol \u0007<carol@example.com>", "ed25519");
        subkey = gpg.subkey(fingerprint, "rsa2048", "sign", "never");
    }

    @AfterAll
    static void closeGpg() throws IOException, InterruptedException {
        gpg.close();
    }

    @BeforeEach
    void open() throws IOException {
        shell = new Shell(dir);
        key = Files.write(dir.resolve("carol.asc"), gpg.export(fingerprint));
    }

    private Path added() {
        return shell.config().resolve("trustedkeys/prefix.d/" + PREFIX + "/" + fingerprint);
    }

    private List<String> keysOfTest() {
        return shell.run("trust", "list", "--no-legend")
                .ok()
                .lines()
                .filter(line -> line.contains(fingerprint))
                .toList();
    }

    @Test
    void shows_the_key_asks_and_adds_it_on_yes() {
        var result = shell.answering("perhaps\nyes\n", "trust", "--prefix", PREFIX, key.toString());
        assertEquals("Added key for prefix \"" + PREFIX + "\" at \"" + added() + "\"\n", result.ok());
        String grouped = fingerprint.toUpperCase(java.util.Locale.ROOT).replaceAll("(.{4})(?!$)", "$1 ");
        assertTrue(result.err().contains("fingerprint  " + grouped + "\n"), result.err());
        assertTrue(result.err().contains(subkey.substring(36).toUpperCase(java.util.Locale.ROOT)), result.err());
        assertTrue(result.err().contains("<carol@example.com>"), result.err());
        assertFalse(result.err().contains("\u0007"), "a bell of a stranger rang");
        assertTrue(result.err().contains("Please type yes or no.\n"), result.err());
        assertTrue(Files.exists(added()));
    }

    @Test
    void adds_nothing_on_no_or_at_the_end_of_the_input() {
        for (String answer : List.of("no\n", "")) {
            var result = shell.answering(answer, "trust", "--prefix", PREFIX, key.toString());
            assertTrue(result.fails(254).endsWith("aestus: not trusted\n"), result.err());
            assertEquals("", result.out());
        }
        assertFalse(Files.exists(added()));
    }

    @Test
    void without_a_terminal_it_needs_to_be_told_not_to_ask() {
        assertTrue(shell.run("trust", "--prefix", PREFIX, key.toString())
                .fails(254)
                .contains("aestus: cannot ask for consent: standard input is no terminal\n  try: --skip-review"));
        assertFalse(Files.exists(added()));
        shell.run("trust", "--skip-fingerprint-review", "--prefix", PREFIX + "/*", key.toString())
                .ok();
        assertTrue(Files.exists(added()));
    }

    @Test
    void nobody_trusts_for_everything_by_leaving_a_word_out() {
        String neither = shell.run("trust", key.toString()).fails(2);
        assertTrue(neither.startsWith("aestus: trusted for what? --prefix NAME"), neither);
        String both =
                shell.run("trust", "--root", "--prefix", PREFIX, key.toString()).fails(2);
        assertTrue(both.startsWith("aestus: --root and --prefix exclude each other\n"), both);
        String url = shell.run("trust", "--prefix", "https://example.com", key.toString())
                .fails(2);
        assertTrue(url.startsWith("aestus: cannot read prefix 'https://example.com': it is a URL"), url);
        assertTrue(shell.run("trust", "--root").fails(2).startsWith("aestus: --root needs a key"));
    }

    @Test
    void a_file_that_is_no_key_is_refused() throws IOException {
        Path file = Files.writeString(dir.resolve("list"), "hello");
        String complaint =
                shell.run("trust", "--skip-review", "--root", file.toString()).fails(254);
        assertTrue(complaint.startsWith("aestus: cannot read key '" + file + "'"), complaint);
        assertEquals(
                "aestus: cannot open /nowhere.asc: no such file\n",
                shell.run("trust", "--skip-review", "--root", "/nowhere.asc").fails(254));
    }

    @Test
    void list_and_rm_know_what_was_added() {
        assertEquals(List.of(), keysOfTest());
        shell.run("trust", "--skip-review", "--prefix", PREFIX, key.toString()).ok();
        shell.run("trust", "--skip-review", "--root", key.toString()).ok();
        assertEquals(2, keysOfTest().size());
        assertTrue(keysOfTest().toString().contains(PREFIX), keysOfTest().toString());
        String json = shell.run("trust", "list", "--format=json").ok();
        assertTrue(json.contains("\"prefix\":\"" + PREFIX + "\",\"fingerprint\":\"" + fingerprint), json);
        assertEquals(
                "Removed key " + fingerprint + " for " + PREFIX + "\n",
                shell.run("trust", "rm", "--prefix", PREFIX, fingerprint).ok());
        assertEquals(1, keysOfTest().size());
        assertEquals(
                "aestus: cannot remove key " + fingerprint + ": it is not trusted for " + PREFIX
                        + "\n  try: aestus trust list\n",
                shell.run("trust", "rm", "--prefix", PREFIX, fingerprint).fails(254));
    }
}
