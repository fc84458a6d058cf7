package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.AppBuilder;
import io.aestus.appc.Environment;
import io.aestus.appc.EnvironmentVariable;
import io.aestus.appc.EventHandler;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Isolators;
import io.aestus.appc.MountPoint;
import io.aestus.appc.Port;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.operator.v1alpha1.AppSpec.MountSpec;
import io.aestus.operator.v1alpha1.AppSpec.PortSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an AppPod changes of the way an image says it is run. The schema knows only the one or the other as a whole, so the
 * image's is taken and changed.
 */
final class AppOverrides {
    private AppOverrides() {}

    /** @throws AestusException {@link Problem#INVALID} when an override breaks a rule of the schema */
    static void check(AppSpec app) {
        changed(app, App.running(List.of()).build());
    }

    /** How the app is to be executed; empty if just as the image says. */
    static Optional<App> apply(AppSpec app, ImageManifest image) {
        App base = image.app().orElseGet(() -> App.running(List.of()).build());
        App changed = changed(app, base);
        return image.app().isPresent() && changed.equals(base) ? Optional.empty() : Optional.of(changed);
    }

    private static App changed(AppSpec app, App base) {
        AppBuilder changed = base.toBuilder();
        if (!app.exec().isEmpty()) {
            changed.exec(app.exec());
        }
        if (app.user() != null) {
            changed.user(app.user());
        }
        if (app.group() != null) {
            changed.group(app.group());
        }
        if (!app.supplementaryGroups().isEmpty()) {
            changed.supplementaryGids(app.supplementaryGroups());
        }
        if (app.workingDirectory() != null) {
            changed.workingDirectory(AbsolutePath.parse(app.workingDirectory()));
        }
        Isolators own = IsolatorLists.of(app);
        return changed.environment(base.environment().under(environment(app)))
                .isolators(own.isEmpty() ? base.isolators() : IsolatorLists.over(base.isolators(), own))
                .eventHandlers(over(
                        base.eventHandlers(),
                        app.eventHandlers().stream().map(AppOverrides::handler).toList(),
                        EventHandler::event))
                .ports(over(
                        base.ports(),
                        app.ports().stream().map(port -> port(port, base)).toList(),
                        Port::name))
                .mountPoints(mountPoints(base.mountPoints(), app.mounts()))
                .build();
    }

    private static Environment environment(AppSpec app) {
        return new Environment(app.environment().stream()
                .map(variable -> new EnvironmentVariable(variable.name(), variable.value()))
                .toList());
    }

    private static EventHandler handler(AppSpec.EventHandlerSpec handler) {
        EventHandler.Event event =
                switch (handler.name()) {
                    case PRE_START -> EventHandler.Event.PRE_START;
                    case POST_STOP -> EventHandler.Event.POST_STOP;
                };
        return new EventHandler(event, handler.exec());
    }

    private static Port port(PortSpec port, App base) {
        String protocol = port.protocol() == AppSpec.Protocol.UDP ? "udp" : "tcp";
        AcName name = AcName.parse(port.name());
        boolean isActivated = port.socketActivated() != null
                ? port.socketActivated()
                : base.ports().stream().anyMatch(own -> own.name().equals(name) && own.socketActivated());
        return new Port(name, protocol, port.containerPort(), 1, isActivated);
    }

    private static <T> List<T> over(List<T> base, List<T> stronger, Function<T, Object> key) {
        List<Object> replaced = stronger.stream().map(key).toList();
        var all = new ArrayList<>(base.stream()
                .filter(each -> !replaced.contains(key.apply(each)))
                .toList());
        all.addAll(stronger);
        return all;
    }

    /** A pod cannot say that one mount of its volume is read-only; a mount point of the app at the same path can. */
    private static List<MountPoint> mountPoints(List<MountPoint> base, List<MountSpec> mounts) {
        List<MountPoint> readOnly = mounts.stream()
                .filter(mount -> Boolean.TRUE.equals(mount.readOnly()))
                .map(mount -> {
                    AbsolutePath path = AbsolutePath.parse(mount.path());
                    AcName name = base.stream()
                            .filter(point -> point.path().equals(path))
                            .findFirst()
                            .map(MountPoint::name)
                            .orElseGet(() -> AcName.sanitized("aestus-" + mount.path()));
                    return new MountPoint(name, path, true);
                })
                .toList();
        return over(base, readOnly, MountPoint::name);
    }
}
