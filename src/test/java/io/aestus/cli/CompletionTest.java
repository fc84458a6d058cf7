package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.operator.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What real shells make of the completion scripts. */
class CompletionTest {
    @TempDir
    Path dir;

    private Path script(String shell) throws IOException {
        return Files.writeString(
                dir.resolve("aestus." + shell),
                new Shell(dir).run("completion", shell).ok());
    }

    /** What {@code shell} offers for the last of {@code words}. */
    private List<String> offered(String shell, String... words) throws IOException, InterruptedException {
        Path script = script(shell);
        String line = "aestus " + String.join(" ", words);
        String ask = shell.equals("fish")
                ? "source %s; complete -C '%s'".formatted(script, line)
                : """
                source %s
                compopt() { :; } # works inside of a completion only
                COMP_WORDS=(%s) COMP_CWORD=%d COMP_LINE='%s' COMP_POINT=%d
                _complete_aestus
                printf '%%s\\n' "${COMPREPLY[@]}"
                """.formatted(script, quoted(line), words.length, line, line.length());
        return Tool.named(shell)
                .run("-c", ask)
                .orFail()
                .output()
                .lines()
                .map(offer -> offer.replaceFirst("\t.*", "").strip())
                .filter(offer -> !offer.isEmpty())
                .sorted()
                .toList();
    }

    private static String quoted(String line) {
        return line.endsWith(" ") ? line + "''" : line;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "fish"})
    void commands_and_options_are_completed(String shell) throws IOException, InterruptedException {
        assertEquals(List.of("prepare"), offered(shell, "prep"));
        assertEquals(List.of("image"), offered(shell, "ima"));
        assertEquals(List.of("render", "rm"), offered(shell, "image", "r"));
        assertEquals(List.of("--sort"), offered(shell, "image", "list", "--so"));
        assertEquals(List.of("--pull-policy"), offered(shell, "fetch", "--pull"));
        assertTrue(offered(shell, "image", "").contains("build"));
    }

    /** Typed at a terminal, with the tabulator; the line is then printed. Fails by taking too long. */
    @Test
    void zsh_completes_what_is_typed() throws IOException, InterruptedException {
        String type = """
                zmodload zsh/zpty
                zpty z zsh -f -i
                zpty -w z "autoload -Uz compinit && compinit -u -D && source %s; echo REA''DY"
                zpty -r z seen '*READY*'
                for line in 'aestus prep:are' 'aestus image list --so:rt' 'aestus fetch --pull:-policy'; do
                    zpty -w -n z "${line%%:*}"$'\\t\\C-aecho @\\n'
                    zpty -r z seen "*@${line/:/}*"
                done
                zpty -d z
                """.formatted(script("zsh"));
        Tool.named("zsh").run("-fc", type).orFail();
    }

    @Test
    void another_shell_is_wrong_usage() {
        assertTrue(new Shell(dir)
                .run("completion", "tcsh")
                .fails(2)
                .startsWith("aestus: cannot write a completion for 'tcsh': expected bash, zsh or fish\n"));
    }
}
