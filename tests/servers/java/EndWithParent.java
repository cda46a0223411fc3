import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Ends this process when the one that started it has ended, however that went: the kernel then closes the other end of standard input,
 * also after a SIGKILL, when nobody is left to clean up.
 */
final class EndWithParent {
    private EndWithParent() {}

    /** Also removes {@code directory} then: nobody will start this server again. */
    static void watch(Path directory) {
        Thread watcher = new Thread(() -> {
            awaitEndOfInput();
            // The server writes on meanwhile, and may put something where something was just removed.
            for (int attempt = 0; attempt < 5 && Files.exists(directory); attempt++) {
                remove(directory);
            }
            Runtime.getRuntime().halt(1);
        }, "end-with-parent");
        watcher.setDaemon(true);
        watcher.start();
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException closed) {
            // As good as the end.
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException | RuntimeException gone) {
            // Removed by the server itself, or written anew: the next attempt sees.
        }
    }
}
