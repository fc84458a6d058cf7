package io.aestus.cri;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A profile of AppArmor as its parser gives it to the kernel, asked as the kernel asks it: fields by name, and two automata, of which
 * the second knows paths and the first all else. Only what our profile has is understood.
 */
final class CompiledProfile {
    static final int EXEC = 1;
    static final int WRITE = 2;
    static final int READ = 4;

    /** The class of signals among what the first automaton knows: {@code AA_CLASS_SIGNAL}. */
    private static final byte SIGNAL = 10;

    private static final int AUTOMATON = 0x1b5e783d;

    private final byte[] content;
    private final List<Automaton> automata = new ArrayList<>();

    private CompiledProfile(byte[] content) {
        this.content = content;
        var big = ByteBuffer.wrap(content);
        for (int at = 0; at + 4 <= content.length; at++) {
            if (big.getInt(at) == AUTOMATON) {
                automata.add(Automaton.read(big.slice(at, content.length - at)));
            }
        }
        if (automata.size() != 2) {
            throw new IllegalArgumentException(automata.size() + " automata in the profile");
        }
    }

    static CompiledProfile read(Path file) throws IOException {
        return new CompiledProfile(Files.readAllBytes(file));
    }

    String name() {
        int at = behind("profile") + 2; // a structure, whose first field is text
        int length = little().getShort(at);
        return new String(content, at + 2, length - 1, StandardCharsets.UTF_8);
    }

    /** How paths are looked at: {@code PATH_CONNECT_PATH} and others. */
    int pathFlags() {
        return little().getInt(behind("path_flags") + 1);
    }

    /** 0 if what is forbidden is refused, and not only told. */
    int mode() {
        int structure = behind("flags"); // three numbers, each behind its kind: hat, mode, audit
        return little().getInt(structure + 1 + 5 + 1);
    }

    private ByteBuffer little() {
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }

    private int behind(String field) {
        byte[] name = ('\0' + field + '\0').getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at + name.length <= content.length; at++) {
            if (ByteBuffer.wrap(content, at, name.length).equals(ByteBuffer.wrap(name))) {
                return at + name.length;
            }
        }
        throw new IllegalArgumentException("no field " + field);
    }

    /** What a program may do with a file that its user owns: the sum of {@link #READ} and the others. */
    int mayWith(String path) {
        Automaton files = automata.getLast();
        return files.accepted(files.after(1, path.getBytes(StandardCharsets.UTF_8)));
    }

    /** {@link #READ} if it may be sent that signal by what has this label, {@link #WRITE} if it may send it there. */
    int maySignal(int signal, String label) {
        Automaton rest = automata.getFirst();
        int state = rest.after(1, new byte[] {SIGNAL, (byte) signal});
        return rest.accepted(rest.after(state, label.getBytes(StandardCharsets.UTF_8)));
    }

    /** Tables by what they are for, as in {@code security/apparmor/match.c}. */
    private record Automaton(Map<Integer, int[]> tables) {
        private static final int ACCEPT = 1;
        private static final int BASE = 2;
        private static final int CHECK = 3;
        private static final int OTHERWISE = 4;
        private static final int CLASSES = 5;
        private static final int NEXT = 8;

        /** Such a state is another one and what differs from it; our profile has none. */
        private static final int DIFFERENCES = 0xff000000;

        static Automaton read(ByteBuffer buffer) {
            int at = buffer.getInt(4);
            int end = buffer.getInt(8);
            var tables = new HashMap<Integer, int[]>();
            while (at < end) {
                int width = buffer.getShort(at + 2);
                int[] table = new int[buffer.getInt(at + 8)];
                for (int i = 0; i < table.length; i++) {
                    int place = at + 12 + i * width;
                    table[i] = switch (width) {
                        case 1 -> buffer.get(place) & 0xff;
                        case 2 -> buffer.getShort(place) & 0xffff;
                        default -> buffer.getInt(place);
                    };
                }
                tables.put((int) buffer.getShort(at), table);
                at += (12 + table.length * width + 7) & ~7;
            }
            return new Automaton(tables);
        }

        int after(int start, byte[] text) {
            int state = start;
            for (byte each : text) {
                int base = tables.get(BASE)[state];
                if ((base & DIFFERENCES) != 0) {
                    throw new IllegalArgumentException("a state by its differences");
                }
                int[] classes = tables.get(CLASSES);
                int at = base + (classes == null ? each & 0xff : classes[each & 0xff]);
                state = tables.get(CHECK)[at] == state ? tables.get(NEXT)[at] : tables.get(OTHERWISE)[state];
            }
            return state;
        }

        int accepted(int state) {
            return tables.get(ACCEPT)[state] & (EXEC | WRITE | READ);
        }
    }
}
