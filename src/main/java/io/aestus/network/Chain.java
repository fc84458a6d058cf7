package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.network.Plugins.Command;
import io.aestus.network.Plugins.Question;
import io.aestus.network.Plugins.Subject;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The plugins of one network, asked one after the other. */
final class Chain {
    private static final System.Logger LOG = System.getLogger("io.aestus.network");

    /** Under which GC is told what is not to be collected. */
    private static final String VALID = "cni.dev/valid-attachments";

    /**
     * Seen in 1.1.1: it looks for the rules of IPv4 among those of IPv6, and so finds every mapped port amiss. Those that speak
     * CNI 1.1 do not.
     */
    private static final String CHECKS_WRONGLY = "portmap";

    private final Plugins plugins;

    Chain(Plugins plugins) {
        this.plugins = plugins;
    }

    /**
     * The highest version that the network, all its plugins, those that they ask in turn, and we speak. A network that names but one is taken at its word,
     * and its plugins are not asked.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} when there is none
     */
    CniVersion version(Network network) {
        var common = named(network);
        if (common.size() > 1) {
            Stream.concat(
                            network.types().stream(),
                            network.plugins().stream().flatMap(plugin -> delegate(plugin).stream()))
                    .distinct()
                    .forEach(type -> common.retainAll(plugins.versions(type)));
        }
        if (common.isEmpty()) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot use network " + network.name() + ": it, its plugins and this program have no version of"
                            + " CNI in common");
        }
        return common.last();
    }

    /** The plugin that gives a plugin addresses, if its program is where we look: else it asks whomever it means. */
    private Optional<String> delegate(Plugin plugin) {
        return plugin.delegate().filter(type -> plugins.find(type).isPresent());
    }

    /** A configuration from before lists and the results of today, or one that names no version, goes with all of ours. */
    private static NavigableSet<CniVersion> named(Network network) {
        var named = new TreeSet<CniVersion>();
        network.versions().forEach(text -> named.add(CniVersion.parse(text)));
        if (named.isEmpty() || !named.last().isAtLeast(CniVersion.V0_3_0)) {
            return new TreeSet<>(CniVersion.SPOKEN);
        }
        named.retainAll(CniVersion.SPOKEN);
        return named;
    }

    /** Attaches a pod, each plugin being told what the one before it made. @return what the last one says */
    JsonObject add(AttachmentRecord attachment, Subject subject) {
        String purpose = "attach the pod to network " + attachment.network().name();
        JsonObject result = null;
        for (Plugin plugin : attachment.network().plugins()) {
            var answer = plugins.ask(
                    question(Command.ADD, purpose, attachment, plugin, Optional.ofNullable(result)), subject);
            result = Result.checked(answer.orElseThrow(() -> new AestusException(
                    Problem.UNAVAILABLE,
                    "cannot " + purpose + ": plugin " + plugin.type() + " ended well without a result")));
        }
        if (result == null) {
            throw new IllegalStateException("a network without plugins");
        }
        return result;
    }

    /**
     * Detaches a pod: every plugin in reverse, whatever the others say. One whose program is gone has nothing to say.
     *
     * @throws AestusException what the first one says that refuses
     */
    void delete(AttachmentRecord attachment, Subject subject) {
        String purpose = "detach the pod from network " + attachment.network().name();
        var result =
                attachment.version().isAtLeast(CniVersion.V0_4_0) ? attachment.result() : Optional.<JsonObject>empty();
        AestusException first = null;
        for (Plugin plugin : attachment.network().plugins().reversed()) {
            if (plugins.find(plugin.type()).isEmpty()) {
                LOG.log(Level.WARNING, "cannot {0}: plugin {1} is gone", purpose, plugin.type());
            } else {
                var question = question(Command.DEL, purpose, attachment, plugin, result);
                first = insist(() -> plugins.ask(question, subject), first);
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Asks although others have refused. @return the first refusal so far; that it knows no such pod is none */
    private static @Nullable AestusException insist(Runnable question, @Nullable AestusException first) {
        try {
            question.run();
            return first;
        } catch (AestusException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return first;
            }
            if (first == null) {
                return e;
            }
            first.addSuppressed(e);
            return first;
        }
    }

    /** Asks every plugin whether an attachment is as it made it. @throws AestusException when it is not */
    void check(AttachmentRecord attachment, Subject subject) {
        if (attachment.network().isCheckable() && attachment.version().isAtLeast(CniVersion.V0_4_0)) {
            String purpose = "find the pod in network " + attachment.network().name();
            for (Plugin plugin : attachment.network().plugins()) {
                if (!plugin.type().equals(CHECKS_WRONGLY)
                        || attachment.version().isAtLeast(CniVersion.V1_1_0)) {
                    plugins.ask(question(Command.CHECK, purpose, attachment, plugin, attachment.result()), subject);
                }
            }
        }
    }

    /** Asks every plugin whether it could attach a pod now. @throws AestusException when one could not */
    void status(Network network) {
        network.types().forEach(plugins::program);
        CniVersion version = version(network);
        if (version.isAtLeast(CniVersion.V1_1_0)) {
            String purpose = "attach pods to network " + network.name();
            for (Plugin plugin : network.plugins()) {
                var configuration = common(network, version, plugin).build();
                plugins.ask(new Question(plugin.type(), Command.STATUS, purpose, configuration));
            }
        }
    }

    /** An attachment that GC must leave alone. */
    record Valid(String pod, String interfaceName) {
        private JsonObject toJson() {
            return JsonObject.builder()
                    .put("containerID", pod)
                    .put("ifname", interfaceName)
                    .build();
        }
    }

    /**
     * Has every plugin drop what is of none of these attachments, if the network lets us. What gives addresses is asked by us:
     * those that ask it for the rest of the protocol do not pass this on (seen in 1.10.0), and twice does no harm.
     *
     * @throws AestusException what the first one says that refuses; the others were asked all the same
     */
    void collect(Network network, List<Valid> valid) {
        if (!network.isCollectable()) {
            return;
        }
        CniVersion version = version(network);
        if (version.isAtLeast(CniVersion.V1_1_0)) {
            JsonArray attachments = Json.array(valid, Valid::toJson);
            String purpose = "collect leftovers in network " + network.name();
            AestusException first = null;
            for (Plugin plugin : network.plugins()) {
                var configuration =
                        common(network, version, plugin).put(VALID, attachments).build();
                for (String type : collectors(plugin)) {
                    first = insist(() -> plugins.ask(new Question(type, Command.GC, purpose, configuration)), first);
                }
            }
            if (first != null) {
                throw first;
            }
        }
    }

    private List<String> collectors(Plugin plugin) {
        return Stream.concat(
                        Stream.of(plugin.type()),
                        delegate(plugin).filter(type -> plugins.versions(type).contains(CniVersion.V1_1_0)).stream())
                .toList();
    }

    private static Question question(
            Command command,
            String purpose,
            AttachmentRecord attachment,
            Plugin plugin,
            Optional<JsonObject> previousResult) {
        var configuration = common(attachment.network(), attachment.version(), plugin)
                .putUnlessEmpty("runtimeConfig", Capabilities.taken(attachment.capabilities(), plugin))
                .put("prevResult", previousResult)
                .build();
        return new Question(plugin.type(), command, purpose, configuration);
    }

    private static JsonObject.Builder common(Network network, CniVersion version, Plugin plugin) {
        return JsonObject.builder()
                .put("cniVersion", version.toString())
                .put("name", network.name())
                .putMissing(plugin.configuration().without(Set.of("cniVersions", "runtimeConfig", "prevResult")));
    }
}
