package io.twinport.shm.memory;

import io.twinport.config.KernelFile;
import io.twinport.host.HostSettings;

/**
 * What all peers together can have this process keep. Descriptors and mappings are the
 * application's first: the SAN takes a share of what the process may have.
 */
public final class Bounds {
  /** Where the kernel does not say how many mappings a process may have: its default. */
  private static final int MAPPINGS = 65_530;

  /** The heap, too, is the application's first. */
  private static final int SHARE_OF_HEAP = 16;

  public static final int LINK_HEAP = 16 << 10;
  public static final int PERMIT_HEAP = 512;
  public static final int MESSAGE_HEAP = 256;

  /** Bytes of memory that this process shares, {@code twinport.shm.max-bytes}. */
  public final Bound memory;

  /** Bytes of the heap, about, that peers can have this process keep. */
  public final Bound heap;

  /** Memory that this process has given up, and that still counts. */
  public final KeptMemory kept = new KeptMemory();

  /** Descriptors that tell whether peers have such memory. */
  final Bound files;

  /** Links, of both directions. Each has a descriptor, and some of {@link #heap}. */
  private final Bound links;

  /** Names of listeners. Each has a descriptor, as its TCP listener has. */
  public final int names;

  /** Clients that have not said yet who they are. Each has a descriptor. */
  public final int greetings;

  /** Wires of this process's bells, and those of peers' bells. Each has a descriptor. */
  public final Bound wires;

  public final Bound peersWires;

  /** Peers' data segments. Each is a mapping. */
  public final Bound segments;

  /** Of this process, as the kernel and the JVM limit it. */
  public Bounds(long maxBytes) {
    this(
        maxBytes,
        KernelFile.mostDescriptors(),
        KernelFile.mostMappings(MAPPINGS),
        Runtime.getRuntime().maxMemory());
  }

  public Bounds(long maxBytes, int descriptors, int mappings, long maxHeap) {
    memory = new Bound(maxBytes);
    heap = new Bound(maxHeap / SHARE_OF_HEAP);
    files = new Bound(Math.max(1, descriptors / 8));
    links = new Bound(Math.max(1, descriptors / 8));
    names = Math.max(1, descriptors / 8);
    greetings = Math.max(1, Math.min(HostSettings.MOST_GREETINGS, descriptors / 16));
    wires = new Bound(descriptors / 16);
    peersWires = new Bound(descriptors / 16);
    segments = new Bound(mappings / 4);
  }

  /** Takes {@code bytes} of {@link #memory} if they are there, or nobody has them any more. */
  boolean takeMemory(long bytes) {
    if (!memory.hasRoomFor(bytes)) {
      kept.sweep();
    }
    return memory.tryReserve(bytes);
  }

  /** Takes what one more link needs, if it is there. */
  public boolean takeLink() {
    if (!links.tryReserve(1)) {
      return false;
    }
    if (heap.tryReserve(LINK_HEAP)) {
      return true;
    }
    links.release(1);
    return false;
  }

  /** What {@link #takeLink} has taken is free again. */
  public void giveLinkBack() {
    heap.release(LINK_HEAP);
    links.release(1);
  }

  /** How much memory others keep that was given up; empty if nobody does. */
  public String describeKept() {
    long bytes = kept.bytes();
    return bytes == 0 ? "" : ", of which peers keep " + bytes / 1024 + " KiB that were given up";
  }

  /** What was refused because there was as much of it as there may be; empty if nothing was. */
  public String describeMet() {
    StringBuilder text = new StringBuilder();
    append(text, memory, "memory");
    append(text, files, "files");
    append(text, heap, "heap");
    append(text, links, "links");
    append(text, wires, "wires");
    append(text, peersWires, "peers' wires");
    append(text, segments, "peers' segments");
    return text.toString();
  }

  private static void append(StringBuilder text, Bound bound, String what) {
    if (bound.met() > 0) {
      text.append(text.length() == 0 ? "; refused: " : ", ").append(bound.met()).append(" times ");
      text.append(what);
    }
  }
}
