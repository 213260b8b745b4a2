package io.twinport.shm;

/**
 * What connections use that nothing before them has loaded. A virtual thread that waits until
 * another one has loaded or initialized a class holds its carrier meanwhile, and the first
 * connections of many may come at once. Those of the JDK are loaded already, but each class loader
 * has to find that out. And a class whose initialization fails for want of memory can never be used
 * again.
 */
final class ConnectionClasses {
  private static final String[] NAMES = {
    "io.twinport.spi.Bell",
    "io.twinport.spi.Seat",
    "io.twinport.host.Faults",
    "io.twinport.host.QueueListener$Waiting",
    "io.twinport.stream.Ending",
    "io.twinport.stream.SpinLock",
    "io.twinport.posix.Credentials",
    "io.twinport.posix.DirectBuffers",
    "io.twinport.posix.PosixProcessors",
    "io.twinport.posix.Routing",
    "io.twinport.posix.SharedCopy",
    "io.twinport.posix.UserIds",
    "io.twinport.posix.UnixSocket",
    "io.twinport.posix.UnixSocket$Envelope",
    "io.twinport.shm.memory.ChunkPool",
    "io.twinport.shm.memory.ChunkPool$Chunk",
    "io.twinport.shm.memory.ChunkPool$Segment",
    "io.twinport.shm.memory.KeptMemory",
    "io.twinport.shm.memory.LinkLayout",
    "io.twinport.shm.memory.OwnMemory",
    "io.twinport.shm.memory.PeerChunks",
    "io.twinport.shm.memory.PeerChunks$Segment",
    "io.twinport.shm.link.Closer",
    "io.twinport.shm.link.ControlSegment",
    "io.twinport.shm.link.LinkMessages",
    "io.twinport.shm.link.LinkSocket",
    "io.twinport.shm.link.LinkSocket$Outgoing",
    "io.twinport.shm.link.OwnWire",
    "io.twinport.shm.link.PeerBells",
    "io.twinport.shm.link.SentBells",
    "io.twinport.shm.link.SentBells$SentBell",
    "io.twinport.shm.stream.InStream",
    "io.twinport.shm.stream.InStream$Stuck",
    "io.twinport.shm.stream.OutStream",
    "io.twinport.shm.connection.Claims",
    "io.twinport.shm.connection.ClientLink",
    "io.twinport.shm.connection.ClientLink$1",
    "io.twinport.shm.connection.ClientLink$Asked",
    "io.twinport.shm.connection.ClientPermit",
    "io.twinport.shm.connection.ClientPermits",
    "io.twinport.shm.connection.ClientPermits$1",
    "io.twinport.shm.connection.ClientPermits$Asking",
    "io.twinport.shm.connection.Grant",
    "io.twinport.shm.connection.Grant$Entry",
    "io.twinport.shm.connection.Grants",
    "io.twinport.shm.connection.Request",
    "io.twinport.shm.connection.ServerLink",
    "io.twinport.shm.connection.ServerPermit",
    "io.twinport.shm.connection.ShmConnection",
    "io.twinport.shm.connection.ShmConnection$Phase",
    "io.twinport.shm.connection.Slots",
    "io.twinport.shm.connection.WaitingQueue",
    "io.twinport.shm.connection.WaitingQueue$Waiter",
    "io.twinport.shm.rendezvous.Dialler$Dial",
    "io.twinport.shm.rendezvous.Listeners$Greeting",
    "java.lang.Byte",
    "java.lang.invoke.VarHandle",
    "java.nio.ByteBuffer"
  };

  private static volatile boolean loaded;

  private ConnectionClasses() {}

  /** Loads and initializes them, once. Those who come meanwhile wait. */
  static void load() {
    if (!loaded) {
      loadOnce();
    }
  }

  private static synchronized void loadOnce() {
    try {
      for (int i = 0; !loaded && i < NAMES.length; i++) {
        Class.forName(NAMES[i], true, ConnectionClasses.class.getClassLoader());
      }
      loaded = true;
    } catch (ClassNotFoundException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
