package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks of a node at one moment. What administrators wrote counts more than what is built in.
 *
 * @param networks by name, those of administrators first
 * @param broken what is wrong with files that could not be read
 */
record Catalogue(Map<String, Network> networks, List<AestusException> broken) {

    static Catalogue read(NetworkSettings settings) {
        var written = new NetworkFiles(settings.configurations()).read();
        var all = new LinkedHashMap<>(written.networks());
        new BuiltInNetworks(settings).all().forEach(all::putIfAbsent);
        return new Catalogue(all, written.broken());
    }

    /**
     * The network of that name.
     *
     * @throws AestusException {@link Problem#NOT_FOUND}, with a file that could not be read, which may be the reason
     */
    Network require(String name) {
        Network network = networks.get(name);
        if (network != null) {
            return network;
        }
        var unknown = new AestusException(
                Problem.NOT_FOUND,
                "cannot find network " + Quoted.of(name) + ": there are " + String.join(", ", networks.keySet()));
        throw broken.isEmpty() ? unknown : unknown.withRemedy(broken.getFirst().message());
    }
}
