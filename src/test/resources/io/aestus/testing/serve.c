/* serve [--once] [--fail]: takes over the sockets of sd_listen_fds(3), and answers each connection or datagram with their names,
   "user N" and the number of answers so far. --once: ends with 0 after the first answer; --fail: with 3. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **words) {
    int answers = 0;
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
    if (pid == NULL || fds == NULL || names == NULL || atoi(pid) != getpid()) {
        fprintf(stderr, "not for me: LISTEN_PID=%s, I am %d\n", pid == NULL ? "" : pid, getpid());
        return 9;
    }
    int number = atoi(fds);
    struct pollfd waits[64];
    for (int i = 0; i < number; i++) {
        waits[i] = (struct pollfd) {3 + i, POLLIN, 0};
    }
    printf("serving %d\n", number);
    fflush(stdout);
    while (poll(waits, number, -1) > 0) {
        for (int i = 0; i < number; i++) {
            char text[256], word[64];
            struct sockaddr_storage peer;
            socklen_t length = sizeof peer;
            int type = 0;
            socklen_t size = sizeof type;
            if (!waits[i].revents) continue;
            snprintf(text, sizeof text, "%s user %d answer %d\n", names, (int) getuid(), ++answers);
            getsockopt(waits[i].fd, SOL_SOCKET, SO_TYPE, &type, &size);
            if (type == SOCK_DGRAM) {
                if (recvfrom(waits[i].fd, word, sizeof word, 0, (struct sockaddr *) &peer, &length) < 0) return 8;
                if (sendto(waits[i].fd, text, strlen(text), 0, (struct sockaddr *) &peer, length) < 0) return 8;
            } else {
                int connection = accept(waits[i].fd, NULL, NULL);
                if (connection < 0 || write(connection, text, strlen(text)) < 0 || close(connection) < 0) return 7;
            }
            if (count > 1) return strcmp(words[1], "--once") ? 3 : 0;
        }
    }
    return 6;
}
