package io.twinport.shm;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.host.LocalAddresses;
import io.twinport.posix.Posix;
import io.twinport.posix.UserIds;
import io.twinport.shm.connection.ClientAddresses;
import io.twinport.shm.connection.Connects;
import io.twinport.shm.link.Links;
import io.twinport.shm.memory.Bounds;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.memory.MemoryLimit;
import io.twinport.shm.rendezvous.Dialler;
import io.twinport.shm.rendezvous.Listeners;
import java.io.IOException;

/** This process on the SAN, from its start on: its links, its listeners, and who dials for it. */
final class Node {
  final Links links;
  final Listeners listeners;
  final Dialler dialler;

  /** Loads the native code and starts the thread. */
  Node(ShmSettings settings, LocalAddresses addresses) throws IOException {
    checkFileSizes();
    Posix.load(settings.host().nativeDir());
    ConnectionClasses.load();
    UserIds.load();
    Bounds bounds = new Bounds(MemoryLimit.apply(settings.maxBytes()));
    ClientAddresses clients = new ClientAddresses(addresses);
    links = new Links(bounds, settings.allowUids(), settings.ringBytes());
    boolean started = false;
    try {
      listeners = new Listeners(links, clients, settings.host().backlogFull());
      Connects connects = new Connects(links.loop(), settings.connectMillis());
      dialler = new Dialler(links, connects);
      links.start(connects, listeners);
      started = true;
    } finally {
      if (!started) {
        links.close();
      }
    }
  }

  /** What can't be written over a connection once it is there must not become one. */
  private static void checkFileSizes() throws IOException {
    long most;
    try {
      most = KernelFile.limit("Max file size");
    } catch (IOException e) {
      Log.debug(() -> "shm: limit of file sizes: " + Log.cause(e));
      return;
    }
    if (most < 1 << LinkLayout.MAX_CHUNK_LOG2) {
      throw new IOException(
          "it needs files of "
              + (1 << LinkLayout.MAX_CHUNK_LOG2)
              + " bytes in memory, and ulimit -f allows this process "
              + most);
    }
  }
}
