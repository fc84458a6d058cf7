package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.MalformedException;
import java.util.Optional;

/**
 * A bound on what an app or a pod consumes. A pod's bounds its apps' together.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#resource-isolators">appc: Resource Isolators</a>
 */
public sealed interface ResourceIsolator extends Isolator {
    /** An amount guaranteed and an amount never exceeded; one of the two is there. */
    sealed interface Bounded extends ResourceIsolator {
        Optional<Quantity> limit();

        /** As written; {@link #guaranteed} has the default. */
        Optional<Quantity> request();

        /** The request; if there is none, the limit. */
        default Quantity guaranteed() {
            return request().or(this::limit).orElseThrow();
        }

        @Override
        default Json value() {
            return JsonObject.builder()
                    .put("request", request())
                    .put("limit", limit())
                    .build();
        }
    }

    /** A rate that holds for each device or interface. */
    sealed interface Throttled extends ResourceIsolator {
        Quantity limit();

        @Override
        default Json value() {
            return JsonObject.builder()
                    .put("default", true)
                    .put("limit", limit().toString())
                    .build();
        }
    }

    /** Bytes of memory. */
    record Memory(Optional<Quantity> request, Optional<Quantity> limit) implements Bounded {
        public static final String NAME = "resource/memory";

        public Memory {
            requireOrder(NAME, request, limit);
        }

        public static Memory limit(Quantity limit) {
            return new Memory(Optional.empty(), Optional.of(limit));
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /** Cores: {@code 500m} is half of one. */
    record Cpu(Optional<Quantity> request, Optional<Quantity> limit) implements Bounded {
        public static final String NAME = "resource/cpu";

        public Cpu {
            requireOrder(NAME, request, limit);
        }

        public static Cpu limit(Quantity limit) {
            return new Cpu(Optional.empty(), Optional.of(limit));
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /** Bytes read or written per second, on each block device. */
    record BlockBandwidth(Quantity limit) implements Throttled {
        public static final String NAME = "resource/block-bandwidth";

        @Override
        public String name() {
            return NAME;
        }
    }

    /** Operations per second, on each block device. */
    record BlockIops(Quantity limit) implements Throttled {
        public static final String NAME = "resource/block-iops";

        @Override
        public String name() {
            return NAME;
        }
    }

    /** Bytes per second on each interface but loopback. */
    record NetworkBandwidth(Quantity limit) implements Throttled {
        public static final String NAME = "resource/network-bandwidth";

        @Override
        public String name() {
            return NAME;
        }
    }

    private static void requireOrder(String name, Optional<Quantity> request, Optional<Quantity> limit) {
        if (request.isEmpty() && limit.isEmpty()) {
            throw new MalformedException("isolator", name, "must have a request or a limit");
        }
        if (request.isPresent() && limit.isPresent() && request.get().compareTo(limit.get()) > 0) {
            throw new MalformedException("isolator", name, "must not request more than its limit");
        }
    }
}
