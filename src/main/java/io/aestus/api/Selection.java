package io.aestus.api;

import io.aestus.api.v1alpha.App;
import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventFilter;
import io.aestus.api.v1alpha.EventType;
import io.aestus.api.v1alpha.Image;
import io.aestus.api.v1alpha.ImageFilter;
import io.aestus.api.v1alpha.Network;
import io.aestus.api.v1alpha.Pod;
import io.aestus.api.v1alpha.PodFilter;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/** What the filters mean: one of several must admit, and of one each field that says something. */
final class Selection {
    private Selection() {}

    static boolean admits(List<PodFilter> filters, Pod pod) {
        return filters.isEmpty() || filters.stream().anyMatch(filter -> admits(filter, pod));
    }

    private static boolean admits(PodFilter filter, Pod pod) {
        return any(filter.getIdsList(), pod.getId()::equals)
                && any(filter.getStatesList(), pod.getState()::equals)
                && all(
                        filter.getAppNamesList(),
                        pod.getAppsList().stream().map(App::getName).toList())
                && all(
                        filter.getImageIdsList(),
                        pod.getAppsList().stream()
                                .map(app -> app.getImage().getId())
                                .toList())
                && all(
                        filter.getNetworkNamesList(),
                        pod.getNetworksList().stream().map(Network::getName).toList())
                && all(filter.getAnnotationsList(), pod.getAnnotationsList())
                && any(filter.getCgroupsList(), pod.getCgroup()::equals)
                && any(filter.getPodSubCgroupsList(), path -> (path + "/").startsWith(pod.getCgroup() + "/"));
    }

    static boolean admits(List<ImageFilter> filters, Image image) {
        return filters.isEmpty() || filters.stream().anyMatch(filter -> admits(filter, image));
    }

    private static boolean admits(ImageFilter filter, Image image) {
        String name = image.getName();
        long imported = image.getImportTimestamp();
        return any(filter.getIdsList(), image.getId()::equals)
                && any(filter.getPrefixesList(), name::startsWith)
                && any(filter.getBaseNamesList(), name.substring(name.lastIndexOf('/') + 1)::equals)
                && any(filter.getKeywordsList(), name::contains)
                && all(filter.getLabelsList(), image.getLabelsList())
                && (filter.getImportedAfter() <= 0 || imported > filter.getImportedAfter())
                && (filter.getImportedBefore() <= 0 || imported < filter.getImportedBefore())
                && all(filter.getAnnotationsList(), image.getAnnotationsList())
                && any(filter.getFullNamesList(), name::equals);
    }

    /** What is said of missed events is told in any case: who filters has missed something too. */
    static boolean admits(EventFilter filter, Event event) {
        boolean isWanted = event.getType() == EventType.EVENT_TYPE_UNDEFINED
                || (any(filter.getTypesList(), event.getType()::equals)
                        && any(filter.getIdsList(), event.getId()::equals)
                        && any(filter.getNamesList(), event.getFrom()::equals));
        return isWanted
                && (filter.getSinceTime() <= 0 || event.getTime() >= filter.getSinceTime())
                && (filter.getUntilTime() <= 0 || event.getTime() <= filter.getUntilTime());
    }

    private static <T> boolean any(Collection<T> wanted, Predicate<? super T> is) {
        return wanted.isEmpty() || wanted.stream().anyMatch(is);
    }

    private static <T> boolean all(Collection<T> wanted, Collection<T> present) {
        return present.containsAll(wanted);
    }
}
