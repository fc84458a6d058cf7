/* tell [--wait] [--stay] [--then FILE] LINE...: sends the lines to $NOTIFY_SOCKET as one message, in the way of sd_notify(3).
   --wait: ends when the message was read (BARRIER=1). --then: makes FILE after it was sent. --stay: does not end. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const char *what) {
    perror(what);
    return 1;
}

static int send_text(int fd, const struct sockaddr_un *to, const char *text, int descriptor) {
    struct iovec part = {(void *) text, strlen(text)};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_name = (void *) to, .msg_namelen = sizeof *to, .msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int main(int count, char **words) {
    int waits = 0, stays = 0;
    char text[8192] = "";
    const char *then = NULL;
    const char *path = getenv("NOTIFY_SOCKET");
    for (int i = 1; i < count; i++) {
        if (!strcmp(words[i], "--wait")) {
            waits = 1;
        } else if (!strcmp(words[i], "--stay")) {
            stays = 1;
        } else if (!strcmp(words[i], "--then") && i + 1 < count) {
            then = words[++i];
        } else {
            strncat(text, words[i], sizeof text - strlen(text) - 2);
            strcat(text, "\n");
        }
    }
    if (path == NULL) {
        fprintf(stderr, "no NOTIFY_SOCKET\n");
        return 2;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path, path, sizeof to.sun_path - 1);
    if (send_text(fd, &to, text, -1) < 0) return fail("tell");
    if (then != NULL && close(open(then, O_CREAT | O_WRONLY, 0644)) < 0) return fail(then);
    if (waits) {
        int ends[2];
        if (pipe(ends) < 0) return fail("pipe");
        if (send_text(fd, &to, "BARRIER=1", ends[1]) < 0) return fail("tell BARRIER=1");
        close(ends[1]);
        struct pollfd wait = {ends[0], POLLIN, 0};
        if (poll(&wait, 1, 20000) != 1) return 3;
    }
    if (stays) pause();
    return 0;
}
