package io.aestus.executor;

/** Which users of the host those of a pod are. */
enum Users {
    HOST_USERS,
    PRIVATE_USERS;

    static Users of(boolean isPrivate) {
        return isPrivate ? PRIVATE_USERS : HOST_USERS;
    }

    PodOptions options() {
        return of(PodOptions.DEFAULT);
    }

    PodOptions of(PodOptions options) {
        return options.withUserNamespace(
                this == PRIVATE_USERS ? PodOptions.UserNamespace.PRIVATE : PodOptions.UserNamespace.HOST);
    }
}
