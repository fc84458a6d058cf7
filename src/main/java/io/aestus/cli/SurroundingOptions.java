package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodOptions.Dns;
import io.aestus.executor.PodOptions.HostsEntry;
import io.aestus.executor.PodOptions.Sharing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** What a pod is called, whom it asks for names, and what of the host it shares. */
final class SurroundingOptions {
    private static final String HOST = "host";
    private static final String NONE = "none";

    private SurroundingOptions() {}

    static CommandSpec add(CommandSpec spec) {
        return spec.addOption(Options.value("--hostname", "NAME", "the pod's host name"))
                .addOption(Options.values(
                        "--dns", "ADDRESS", "a name server; none for an empty resolv.conf, host for the host's"))
                .addOption(Options.values("--dns-search", "DOMAIN", "a domain to search"))
                .addOption(Options.values("--dns-opt", "OPTION", "an option of the resolver"))
                .addOption(Options.values(
                        "--hosts-entry",
                        "IP=HOST",
                        "a line of /etc/hosts; host for the host's file as it is at the start"))
                .addOption(
                        Options.value(
                                "--ipc",
                                "WHOSE",
                                "auto (default) or private: shared memory and message queues of the pod's own; parent: the host's"));
    }

    /** What is said, over what was said before. */
    static PodOptions over(PodOptions base, ParseResult arguments) {
        PodOptions options = base;
        var hostname = Options.value(arguments, "--hostname");
        if (hostname.isPresent()) {
            options = options.withHostname(hostname.get());
        }
        List<String> servers = Options.values(arguments, "--dns");
        List<String> searches = Options.values(arguments, "--dns-search");
        List<String> resolver = Options.values(arguments, "--dns-opt");
        if (servers.contains(HOST)) {
            requireAlone(HOST, servers, searches, resolver);
            options = options.withDnsOfNetwork();
        } else if (!servers.isEmpty() || !searches.isEmpty() || !resolver.isEmpty()) {
            options = options.withDns(dns(servers, searches, resolver));
        }
        List<String> hosts = Options.values(arguments, "--hosts-entry");
        if (hosts.contains(HOST)) {
            if (hosts.size() > 1) {
                throw new WrongUsage("cannot set up /etc/hosts: host excludes other entries");
            }
            options = options.withHostsFile(Sharing.HOST).withHosts(List.of());
        } else if (!hosts.isEmpty()) {
            options = options.withHostsFile(Sharing.POD).withHosts(hosts(hosts));
        }
        var ipc = Options.value(arguments, "--ipc");
        return ipc.isPresent() ? options.withIpc(ipc(ipc.get())) : options;
    }

    private static Dns dns(List<String> servers, List<String> searches, List<String> resolver) {
        if (!servers.contains(NONE)) {
            return new Dns(servers, searches, resolver);
        }
        requireAlone(NONE, servers, searches, resolver);
        return new Dns(List.of(), List.of(), List.of());
    }

    private static void requireAlone(String word, List<String> servers, List<String> searches, List<String> resolver) {
        if (servers.size() > 1 || !searches.isEmpty() || !resolver.isEmpty()) {
            throw new WrongUsage("cannot set up name servers: " + word + " excludes all other words");
        }
    }

    private static List<HostsEntry> hosts(List<String> entries) {
        var byAddress = new LinkedHashMap<String, List<String>>();
        for (String entry : entries) {
            for (String pair : entry.split(",", -1)) {
                String[] sides = RunOptions.pair(pair, "--hosts-entry");
                byAddress.computeIfAbsent(sides[0], _ -> new ArrayList<>()).add(sides[1]);
            }
        }
        return byAddress.entrySet().stream()
                .map(line -> new HostsEntry(line.getKey(), line.getValue()))
                .toList();
    }

    private static Sharing ipc(String word) {
        return switch (word) {
            case "auto", "private" -> Sharing.POD;
            case "parent" -> Sharing.HOST;
            default ->
                throw new WrongUsage("cannot read --ipc: " + Quoted.of(word) + " is neither auto, private nor parent");
        };
    }
}
