package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonView;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads one isolator: by its name, its value is checked and typed; with an unknown name it is kept. */
final class IsolatorReader {
    private static final Pattern CAPABILITY = Pattern.compile("CAP_[A-Z][A-Z0-9_]*");
    private static final Pattern SYSTEM_CALL =
            Pattern.compile("[A-Za-z_][A-Za-z0-9_]*|@[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+");
    private static final Pattern ERRNO = Pattern.compile("E[A-Z0-9]*");
    private static final Pattern SYSCTL = Pattern.compile("[a-z0-9_-]+([./][A-Za-z0-9_:.*-]+)+");
    private static final int LONGEST_NAME = 64;

    private static final Map<String, Function<JsonView, Isolator>> KNOWN = known();

    private IsolatorReader() {}

    private static Map<String, Function<JsonView, Isolator>> known() {
        var known = new HashMap<String, Function<JsonView, Isolator>>();
        known.put(ResourceIsolator.Memory.NAME, value -> bounded(value, ResourceIsolator.Memory::new));
        known.put(ResourceIsolator.Cpu.NAME, value -> bounded(value, ResourceIsolator.Cpu::new));
        known.put(ResourceIsolator.BlockBandwidth.NAME, value -> new ResourceIsolator.BlockBandwidth(throttle(value)));
        known.put(ResourceIsolator.BlockIops.NAME, value -> new ResourceIsolator.BlockIops(throttle(value)));
        known.put(
                ResourceIsolator.NetworkBandwidth.NAME,
                value -> new ResourceIsolator.NetworkBandwidth(throttle(value)));
        known.put(
                LinuxIsolator.CapabilitiesRetainSet.NAME,
                value -> new LinuxIsolator.CapabilitiesRetainSet(capabilities(value)));
        known.put(
                LinuxIsolator.CapabilitiesRemoveSet.NAME,
                value -> new LinuxIsolator.CapabilitiesRemoveSet(nonEmpty(value, capabilities(value))));
        known.put(
                LinuxIsolator.SeccompRetainSet.NAME,
                value -> new LinuxIsolator.SeccompRetainSet(
                        calls(value, LinuxIsolator.SeccompRemoveSet.EMPTY), errno(value)));
        known.put(
                LinuxIsolator.SeccompRemoveSet.NAME,
                value -> new LinuxIsolator.SeccompRemoveSet(
                        calls(value, LinuxIsolator.SeccompRetainSet.ALL), errno(value)));
        known.put(LinuxIsolator.NoNewPrivileges.NAME, value -> new LinuxIsolator.NoNewPrivileges(value.bool()));
        known.put(LinuxIsolator.SelinuxContext.NAME, IsolatorReader::selinux);
        known.put(
                LinuxIsolator.ApparmorProfile.NAME, value -> new LinuxIsolator.ApparmorProfile(word(value, "profile")));
        known.put(LinuxIsolator.OomScoreAdj.NAME, value -> new LinuxIsolator.OomScoreAdj(value.wholeInt(-1000, 1000)));
        known.put(LinuxIsolator.CpuShares.NAME, value -> new LinuxIsolator.CpuShares(value.wholeInt(2, 262_144)));
        known.put(Isolator.Sysctl.NAME, IsolatorReader::sysctl);
        return known;
    }

    static Isolator read(JsonView view) {
        String name = view.required("name")
                .parsed(text -> AcIdentifier.parse(text, "isolator"))
                .value();
        Function<JsonView, Isolator> form = KNOWN.get(name);
        if (form != null) {
            return form.apply(view.required("value"));
        }
        Json value = view.object().get("value").orElseGet(() -> view.required("value")
                .value());
        return new Isolator.Unknown(name, value);
    }

    private static Isolator bounded(JsonView value, BiFunction<Optional<Quantity>, Optional<Quantity>, Isolator> form) {
        if (value.isTrue("default")) {
            throw value.required("default").failure("must not be true: this limit has no devices");
        }
        Optional<Quantity> request = value.optional("request").map(Quantity::read);
        Optional<Quantity> limit = value.optional("limit").map(Quantity::read);
        if (request.isEmpty() && limit.isEmpty()) {
            throw value.failure("must have a request or a limit");
        }
        if (request.isPresent() && limit.isPresent() && request.get().compareTo(limit.get()) > 0) {
            throw value.required("request").failure("must not be above the limit " + limit.get());
        }
        return form.apply(request, limit);
    }

    private static Quantity throttle(JsonView value) {
        JsonView all = value.required("default");
        if (!all.bool()) {
            throw all.failure("must be true");
        }
        value.optional("request").ifPresent(request -> {
            throw request.failure("must not be there: this isolator has a limit only");
        });
        return Quantity.read(value.required("limit"));
    }

    private static List<String> capabilities(JsonView value) {
        value.required("set");
        return value.list("set", each -> matching(each, CAPABILITY, "must be a capability such as CAP_KILL"));
    }

    private static List<String> calls(JsonView value, String forbidden) {
        value.required("set");
        List<String> calls = value.list("set", each -> {
            if (each.string().equals(forbidden)) {
                throw each.failure("must not be " + forbidden + " here");
            }
            return matching(each, SYSTEM_CALL, "must be a system call or a group such as @appc.io/all");
        });
        return nonEmpty(value, calls);
    }

    private static List<String> nonEmpty(JsonView value, List<String> set) {
        if (set.isEmpty()) {
            throw value.required("set").failure("must not be empty");
        }
        return set;
    }

    private static Optional<String> errno(JsonView value) {
        return value.optional("errno")
                .filter(errno -> !errno.string().isEmpty())
                .map(errno -> matching(errno, ERRNO, "must be the name of an error such as EPERM"));
    }

    private static String matching(JsonView view, Pattern pattern, String reason) {
        String text = view.string();
        if (text.length() > LONGEST_NAME || !pattern.matcher(text).matches()) {
            throw view.failure(reason);
        }
        return text;
    }

    private static Isolator selinux(JsonView value) {
        for (String part : List.of("user", "role", "type")) {
            if (word(value, part).indexOf(':') >= 0) {
                throw value.required(part).failure("must not contain ':'");
            }
        }
        return new LinuxIsolator.SelinuxContext(
                word(value, "user"), word(value, "role"), word(value, "type"), word(value, "level"));
    }

    private static String word(JsonView value, String field) {
        JsonView word = value.required(field);
        if (word.string().isBlank()) {
            throw word.failure("must not be empty");
        }
        return word.string();
    }

    private static Isolator sysctl(JsonView value) {
        var parameters = new LinkedHashMap<String, String>();
        for (Map.Entry<String, JsonView> parameter : value.fields().entrySet()) {
            String name = parameter.getKey();
            if (!SYSCTL.matcher(name).matches() || name.contains("..")) {
                throw parameter.getValue().failure("must be named like net.ipv4.tcp_keepalive_time");
            }
            parameters.put(name, parameter.getValue().string());
        }
        return new Isolator.Sysctl(parameters);
    }
}
