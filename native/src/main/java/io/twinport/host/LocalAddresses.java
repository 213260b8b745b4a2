package io.twinport.host;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Which addresses are this host's. */
public final class LocalAddresses {
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Snapshot(Set<InetAddress> up, long takenAt) {}

  private volatile Snapshot snapshot;

  /** Whether a thread looks at the interfaces for those who do not wait for it. */
  private final AtomicBoolean looking = new AtomicBoolean();

  /**
   * Whether {@code address} is loopback, or an address of an interface that is up. At most a second
   * old; asks the kernel about each interface where it is older.
   */
  public boolean isLocal(InetAddress address) {
    if (hasNoInterface(address)) {
      return address.isLoopbackAddress();
    }
    Snapshot known = snapshot;
    return (known == null || isOld(known) ? look() : known).up.contains(address);
  }

  /**
   * As {@link #isLocal}, for threads that are not to wait while thousands of interfaces are looked
   * at: as of the last look, another being taken elsewhere where that is older than a second.
   */
  public boolean wasLocal(InetAddress address) {
    if (hasNoInterface(address)) {
      return address.isLoopbackAddress();
    }
    Snapshot known = snapshot;
    if (known == null) {
      known = look();
    } else if (isOld(known)) {
      lookElsewhere();
    }
    return known.up.contains(address);
  }

  private static boolean hasNoInterface(InetAddress address) {
    return address.isLoopbackAddress()
        || address.isMulticastAddress()
        || address.isLinkLocalAddress();
  }

  private static boolean isOld(Snapshot known) {
    return System.nanoTime() - known.takenAt > REFRESH_NANOS;
  }

  private Snapshot look() {
    long now = System.nanoTime();
    Snapshot found = new Snapshot(upAddresses(), now);
    snapshot = found;
    return found;
  }

  private void lookElsewhere() {
    if (looking.getAndSet(true)) {
      return;
    }
    boolean begun = false;
    try {
      Daemon.of(
              "twinport-addresses",
              () -> {
                try {
                  look();
                } finally {
                  looking.set(false);
                }
              })
          .start();
      begun = true;
    } catch (OutOfMemoryError e) {
      // no thread can be had now: what was seen last has to do
      Log.debug(() -> "a look at the interfaces: " + Log.cause(e));
    } finally {
      if (!begun) {
        looking.set(false);
      }
    }
  }

  private static Set<InetAddress> upAddresses() {
    Set<InetAddress> up = new HashSet<>();
    try {
      NetworkInterface.networkInterfaces()
          .filter(LocalAddresses::isUp)
          .flatMap(NetworkInterface::inetAddresses)
          .forEach(up::add);
    } catch (SocketException e) {
      // no interface can be listed: loopback is all that is known to be local
      return Set.of();
    }
    return up;
  }

  private static boolean isUp(NetworkInterface device) {
    try {
      return device.isUp();
    } catch (SocketException e) {
      // it went away while we looked
      return false;
    }
  }
}
