package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** Reads one isolator: by its name, its value is checked and typed; with an unknown name it is kept. */
final class IsolatorReader {
    private static final Pattern CAPABILITY = Pattern.compile("CAP_[A-Z][A-Z0-9_]*");
    private static final Pattern SYSTEM_CALL =
            Pattern.compile("[A-Za-z_][A-Za-z0-9_]*|@[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+");
    private static final Pattern ERRNO = Pattern.compile("E[A-Z0-9]*");
    private static final Pattern SYSCTL = Pattern.compile("[a-z0-9_-]+([./][A-Za-z0-9_:.*-]+)+");
    private static final int LONGEST_NAME = 64;

    private IsolatorReader() {}

    static Isolator read(JsonView view) {
        String name = view.required("name")
                .parsed(text -> AcIdentifier.parse(text, "isolator"))
                .value();
        if (name.startsWith("resource/")) {
            return resource(name, view);
        }
        return switch (name) {
            case LinuxIsolator.CapabilitiesRetainSet.NAME ->
                new LinuxIsolator.CapabilitiesRetainSet(capabilities(value(view)));
            case LinuxIsolator.CapabilitiesRemoveSet.NAME ->
                new LinuxIsolator.CapabilitiesRemoveSet(nonEmpty(value(view), capabilities(value(view))));
            case LinuxIsolator.SeccompRetainSet.NAME ->
                new LinuxIsolator.SeccompRetainSet(
                        calls(value(view), LinuxIsolator.SeccompRemoveSet.EMPTY), errno(value(view)));
            case LinuxIsolator.SeccompRemoveSet.NAME ->
                new LinuxIsolator.SeccompRemoveSet(
                        calls(value(view), LinuxIsolator.SeccompRetainSet.ALL), errno(value(view)));
            case LinuxIsolator.NoNewPrivileges.NAME ->
                new LinuxIsolator.NoNewPrivileges(value(view).bool());
            case LinuxIsolator.SelinuxContext.NAME -> selinux(value(view));
            case LinuxIsolator.ApparmorProfile.NAME -> new LinuxIsolator.ApparmorProfile(word(value(view), "profile"));
            case LinuxIsolator.OomScoreAdj.NAME ->
                new LinuxIsolator.OomScoreAdj(value(view).wholeInt(-1000, 1000));
            case LinuxIsolator.CpuShares.NAME ->
                new LinuxIsolator.CpuShares(value(view).wholeInt(2, 262_144));
            case Isolator.Sysctl.NAME -> sysctl(value(view));
            default -> unknown(name, view);
        };
    }

    private static Isolator resource(String name, JsonView view) {
        return switch (name) {
            case ResourceIsolator.Memory.NAME -> bounded(value(view), ResourceIsolator.Memory::new);
            case ResourceIsolator.Cpu.NAME -> bounded(value(view), ResourceIsolator.Cpu::new);
            case ResourceIsolator.BlockBandwidth.NAME -> new ResourceIsolator.BlockBandwidth(throttle(value(view)));
            case ResourceIsolator.BlockIops.NAME -> new ResourceIsolator.BlockIops(throttle(value(view)));
            case ResourceIsolator.NetworkBandwidth.NAME -> new ResourceIsolator.NetworkBandwidth(throttle(value(view)));
            default -> unknown(name, view);
        };
    }

    /** A known isolator's value, which must not be null. */
    private static JsonView value(JsonView view) {
        return view.required("value");
    }

    private static Isolator unknown(String name, JsonView view) {
        Json value = view.object().get("value").orElseGet(() -> value(view).value());
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
