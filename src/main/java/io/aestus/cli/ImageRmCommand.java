package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.appc.ImageId;
import java.io.IOException;
import java.util.LinkedHashSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image rm}. */
final class ImageRmCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "rm",
                        "Removes images from the store. What pods or other images need stays, and is a failure.",
                        "aestus image rm example.com/shop/web:2.1.0 sha512-6f3c")
                .addPositional(Options.words("IMAGE", "1..*", "IDs, beginnings of them, or names"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        int code = ExitCode.DONE;
        var report = session.errors();
        var ids = new LinkedHashSet<ImageId>();
        for (String word : Options.words(arguments)) {
            try {
                ids.add(session.images().resolve(word).id());
            } catch (AestusException e) {
                code = report.failure(e); // the others are removed all the same
            }
        }
        for (ImageId id : ids) {
            try {
                session.images().remove(id);
                session.out().println("successfully removed aci for image: \"" + id + "\"");
            } catch (AestusException e) {
                code = report.failure(e);
            }
        }
        return code;
    }
}
