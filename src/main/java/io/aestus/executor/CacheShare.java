package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.linux.Resctrl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an app has of the host's caches and memory bandwidth (Intel RDT).
 *
 * @param group that it is in; empty for one of its own
 * @param schemata of that group; empty for those that it has
 * @param isMonitored whether what it uses is counted
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#intelrdt">OCI runtime specification: Intel
 *     RDT</a>
 */
public record CacheShare(Optional<String> group, List<String> schemata, boolean isMonitored) {
    private static final Pattern GROUP = Pattern.compile("/|[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern LINE = Pattern.compile("[A-Za-z0-9]+:[A-Za-z0-9=;]+");

    public CacheShare {
        schemata = List.copyOf(schemata);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("closID", group)
                .putUnlessEmpty("schemata", Json.strings(schemata))
                .putIfTrue("enableMonitoring", isMonitored)
                .build();
    }

    /** Reads what {@link #toJson} writes, and what files of the Container Device Interface have besides. */
    public static CacheShare read(JsonView json) {
        var lines = new ArrayList<String>();
        json.optional("l3CacheSchema").map(CacheShare::line).ifPresent(lines::add);
        json.optional("memBwSchema").map(CacheShare::line).ifPresent(lines::add);
        lines.addAll(json.list("schemata", CacheShare::line));
        return new CacheShare(json.optional("closID").map(CacheShare::group), lines, json.isTrue("enableMonitoring"));
    }

    private static String line(JsonView view) {
        if (!LINE.matcher(view.string()).matches()) {
            throw view.failure("must be a line such as L3:0=7f0;1=1f");
        }
        return view.string();
    }

    private static String group(JsonView view) {
        if (!GROUP.matcher(view.string()).matches()) {
            throw view.failure("must be the name of a group, or /");
        }
        return view.string();
    }

    /** Puts the process of an app into its group, which is made if it has to be. */
    void give(Resctrl resctrl, String id, long pid) throws IOException {
        String name = group.orElse(id);
        if (group.isPresent() && schemata.isEmpty()) {
            if (!resctrl.has(name)) {
                throw new IOException("there is no resctrl group " + name);
            }
        } else {
            resctrl.make(name, schemata);
        }
        if (isMonitored) {
            resctrl.monitor(name, id);
        }
        resctrl.add(name, isMonitored ? Optional.of(id) : Optional.empty(), pid);
    }

    /** Takes away what was made for an app alone. */
    void takeBack(Resctrl resctrl, String id) throws IOException {
        if (isMonitored) {
            resctrl.removeMonitor(group.orElse(id), id);
        }
        if (group.isEmpty()) {
            resctrl.remove(id);
        }
    }

    /** That of the host. */
    static Resctrl ofHost(AppPlace place) throws IOException {
        return Resctrl.ofHost()
                .orElseThrow(() -> new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot give app " + place.name()
                                + " its share of caches: no resctrl is mounted on this host"));
    }
}
