import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.MVStore;

/** MongoStandIn PORT DIRECTORY: speaks MongoDB's protocol on 127.0.0.1 and keeps its data in DIRECTORY. It is not MongoDB. */
public final class MongoStandIn {
    private MongoStandIn() {}

    public static void main(String[] args) {
        Path directory = Path.of(args[1]);
        EndWithParent.watch(directory);
        // Without auto-commit nothing reaches the file but what a write of ours commits, and then whole.
        MVStore store = new MVStore.Builder()
            .fileName(directory.resolve("data.mv").toString())
            .autoCommitDisabled()
            .open();
        H2Backend backend = new JournaledBackend(store);
        backend.version(new ReportedVersion());
        new MongoServer(backend).bind("127.0.0.1", Integer.parseInt(args[0]));
    }

    /**
     * What the library lacks of a write with j: true: a command that may write is answered when the file holds its effect. One at a
     * time, since a commit takes what every thread has done so far: it would keep another's document without its index entries.
     */
    private static final class JournaledBackend extends H2Backend {
        private static final Set<String> CHANGES_NOTHING = Set.of(
            "buildinfo", "count", "distinct", "endsessions", "find", "getmore", "hello", "ismaster",
            "killcursors", "listcollections", "listdatabases", "listindexes", "ping", "serverstatus");

        private final ReentrantLock writing = new ReentrantLock();

        JournaledBackend(MVStore store) {
            super(store);
        }

        @Override
        public Document handleMessage(MongoMessage message) {
            String command = message.getDocument().keySet().iterator().next().toLowerCase(Locale.ROOT);
            if (CHANGES_NOTHING.contains(command)) {
                return super.handleMessage(message);
            }
            writing.lock();
            try {
                return super.handleMessage(message);
            } finally {
                commit();
                writing.unlock();
            }
        }
    }

    /** The library says 5.0 at most, which the official driver no longer talks to; 21 is MongoDB 7.0's wire version. */
    private static final class ReportedVersion implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(7, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 21;
        }
    }
}
