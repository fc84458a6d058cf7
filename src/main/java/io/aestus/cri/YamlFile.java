package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonNull;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonString;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A file of YAML, or of JSON, which is YAML too. */
final class YamlFile {
    private static final int LARGEST = 4 << 20;
    private static final int MOST_ALIASES = 50;

    private YamlFile() {}

    /** @throws AestusException {@link Problem#INVALID} if it is no object */
    static JsonView read(Path file) throws IOException {
        byte[] text = bytes(file, LARGEST);
        var settings = LoadSettings.builder()
                .setLabel(file.toString())
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(MOST_ALIASES)
                .setCodePointLimit(LARGEST)
                .build();
        try {
            Object document = new Load(settings).loadFromString(new String(text, StandardCharsets.UTF_8));
            return JsonView.of(json(document), file.toString());
        } catch (YamlEngineException e) {
            throw new AestusException(Problem.INVALID, "cannot read " + file + ": it is neither YAML nor JSON", e);
        }
    }

    /** All of a file that is not larger than {@code most}. */
    static byte[] bytes(Path file, int most) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new AestusException(Problem.INVALID, "cannot read " + file + ": there is no such file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] text = in.readNBytes(most + 1);
            if (text.length > most) {
                throw new AestusException(
                        Problem.INVALID, "cannot read " + file + ": it has more than " + most + " bytes");
            }
            return text;
        }
    }

    private static Json json(@Nullable Object value) {
        return switch (value) {
            case null -> JsonNull.NULL;
            case Map<?, ?> map -> {
                var object = JsonObject.builder();
                map.forEach((name, field) -> object.put(String.valueOf(name), json(field)));
                yield object.build();
            }
            case List<?> list -> Json.array(list, YamlFile::json);
            case Boolean truth -> Json.of(truth);
            case Double number when !Double.isFinite(number) -> new JsonString(number.toString());
            case Number number -> new JsonNumber(number.toString());
            default -> new JsonString(value.toString());
        };
    }
}
