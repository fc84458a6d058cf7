package io.aestus.linux;

/**
 * The terminal that the user of this process sits at.
 *
 * @see <a href="https://man7.org/linux/man-pages/man4/tty.4.html">tty(4)</a>
 */
public final class ControllingTerminal {
    private static final int AT_FDCWD = -100;

    private ControllingTerminal() {}

    /**
     * Opens it for reading, writing and its settings; the caller closes it.
     *
     * @throws SyscallException ENXIO if there is none
     */
    public static Fd open() throws SyscallException {
        return Open.at(AT_FDCWD, "/dev/tty", Open.O_RDWR | Open.O_NOCTTY, 0, 0).orOpen("open /dev/tty");
    }
}
