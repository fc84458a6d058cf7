package io.aestus.executor;

import io.aestus.appc.Isolator;
import io.aestus.appc.ResourceIsolator;
import io.aestus.executor.IsolatorReport.Enforcement;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.PodPlace;
import java.util.ArrayList;
import java.util.List;

/** What pods and apps ask for that {@link FlyStage1} has not: everything that is the host's there. */
final class FlyReports {
    private FlyReports() {}

    /** @param isolators what would have become of its isolators otherwise */
    static List<IsolatorReport> ofPod(PodPlace pod, List<IsolatorReport> isolators) {
        PodOptions options = pod.options();
        var reports = new ArrayList<>(
                isolators.stream().map(FlyReports::withoutNamespaces).toList());
        if (options.network() != PodOptions.NetworkMode.HOST) {
            reports.add(unsupported("network"));
        }
        if (!(options.userNamespace() instanceof PodOptions.UserNamespace.Host)) {
            reports.add(unsupported("users"));
        }
        if (options.ipc() != PodOptions.Sharing.HOST) {
            reports.add(unsupported("ipc"));
        }
        if (options.hostname().isPresent()) {
            reports.add(unsupported("hostname"));
        }
        if (options.dns().isPresent() || !options.hosts().isEmpty()) {
            reports.add(unsupported("dns"));
        }
        return reports;
    }

    /** What bounds a namespace of the pod has none to bound. */
    private static IsolatorReport withoutNamespaces(IsolatorReport report) {
        boolean isOfNamespace = report.name().equals(Isolator.Sysctl.NAME)
                || report.name().equals(ResourceIsolator.NetworkBandwidth.NAME);
        return isOfNamespace ? unsupported(report.name()) : report;
    }

    static List<IsolatorReport> ofApp(AppPlace app) {
        var reports = new ArrayList<IsolatorReport>();
        AppOptions options = app.options();
        if (options.processes() != AppOptions.Processes.HOST) {
            reports.add(unsupported("processes"));
        }
        boolean hidesOwn = options.maskedPaths()
                        .filter(paths -> !paths.isEmpty())
                        .isPresent()
                || options.readOnlyPaths().filter(paths -> !paths.isEmpty()).isPresent();
        if (hidesOwn) {
            reports.add(unsupported("hidden paths"));
        }
        return reports;
    }

    private static IsolatorReport unsupported(String what) {
        return new IsolatorReport(what, Enforcement.UNSUPPORTED, "fly has the host's");
    }
}
