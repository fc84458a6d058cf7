package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Attaches device programs to cgroups of version 2. */
class DeviceFilters {
    /** Lets {@code rules} alone decide for the members of {@code cgroup}; what its parents refuse stays refused. */
    void replace(Path cgroup, List<DeviceRule> rules) throws IOException {
        throw new UnsupportedOperationException("device filters of cgroup v2");
    }
}
