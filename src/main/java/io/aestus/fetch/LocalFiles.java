package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.SyscallException;
import io.aestus.oci.Content;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import io.aestus.oci.OciDocument;
import java.io.IOException;
import java.util.Optional;

/**
 * The files of a layout, all of them hostile: links are followed within the directory, and nothing but regular files is read.
 *
 * @param directory lent
 * @param shown for messages
 */
record LocalFiles(Directory directory, String shown) {
    /** A regular file, to be closed; empty if there is none of that name. */
    Optional<Fd> open(String path) throws IOException {
        Fd file;
        try {
            file = directory.openInRoot("/" + path);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
        if (!file.status().isRegular()) {
            file.close();
            throw new AestusException(
                    Problem.INVALID, "cannot import " + shown + ": " + Quoted.of(path) + " is no file");
        }
        return Optional.of(file);
    }

    /** The same for a file that must be there. */
    Fd require(String path) throws IOException {
        return open(path)
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID, "cannot import " + shown + ": it has no file " + Quoted.of(path)));
    }

    /** A small file. */
    byte[] read(String path) throws IOException {
        try (Fd file = require(path)) {
            if (file.status().size() > OciDocument.LARGEST_BYTES) {
                throw new AestusException(
                        Problem.EXHAUSTED,
                        "cannot import " + shown + ": " + Quoted.of(path) + " has more than "
                                + OciDocument.LARGEST_BYTES + " bytes");
            }
            return file.readAll(OciDocument.LARGEST_BYTES);
        }
    }

    /** Where the layout has the bytes of that digest. */
    static String blob(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    /** A small file that is named by its digest. */
    Content read(Descriptor descriptor) throws IOException {
        return Content.verified(read(blob(descriptor.digest())), descriptor, shown);
    }
}
