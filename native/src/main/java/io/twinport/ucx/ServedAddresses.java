package io.twinport.ucx;

import io.twinport.config.Log;
import io.twinport.config.Subnet;
import io.twinport.ucx.UcxSettings.Transport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which of this host's addresses are served: over RDMA those of the network interfaces that belong
 * to RDMA devices, as {@code /sys/class/infiniband} says; over TCP those of all interfaces but
 * loopback; or those of the interfaces that are named. Pure Java.
 */
final class ServedAddresses {
  static final Path SYSFS = Path.of("/sys/class/infiniband");

  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Snapshot(List<Subnet> served, boolean devices, long takenAt) {}

  private final UcxSettings settings;
  private final Path sysfs;
  private volatile Snapshot snapshot;

  /**
   * @param sysfs where RDMA devices are listed
   */
  ServedAddresses(UcxSettings settings, Path sysfs) {
    this.settings = settings;
    this.sysfs = sysfs;
  }

  /** The addresses, each with the length of its subnet's prefix. At most a second old. */
  List<Subnet> served() {
    return snapshot().served;
  }

  /** Whether there is a device at all, with an address or not. At most a second old. */
  boolean anyDevice() {
    return snapshot().devices;
  }

  boolean serves(InetAddress address) {
    for (Subnet own : served()) {
      if (own.address().equals(address)) {
        return true;
      }
    }
    return false;
  }

  /** Whether an address lies in the subnet of one that is served, or in one that was named. */
  boolean reaches(InetAddress address) {
    List<Subnet> served = served();
    if (served.isEmpty()) {
      return false;
    }
    for (Subnet own : served) {
      if (own.contains(address)) {
        return true;
      }
    }
    for (Subnet more : settings.subnets()) {
      if (more.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private Snapshot snapshot() {
    Snapshot known = snapshot;
    long now = System.nanoTime();
    if (known == null || now - known.takenAt > REFRESH_NANOS) {
      known = look(now);
      snapshot = known;
    }
    return known;
  }

  private Snapshot look(long now) {
    Set<String> names = settings.transport() == Transport.TCP ? Set.of() : deviceInterfaces();
    List<Subnet> served = new ArrayList<>();
    boolean devices = !names.isEmpty();
    try {
      for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        devices |= look(device, names, served);
      }
    } catch (SocketException e) {
      Log.debug(() -> "ucx: the network interfaces can't be listed: " + Log.cause(e));
    }
    return new Snapshot(List.copyOf(served), devices, now);
  }

  /** Adds an interface's addresses if it is to be served; returns whether it is. */
  private boolean look(NetworkInterface device, Set<String> rdma, List<Subnet> served) {
    try {
      boolean wanted =
          settings.interfaces().isEmpty()
              ? settings.transport() == Transport.TCP
                  ? !device.isLoopback()
                  : rdma.contains(device.getName())
              : settings.interfaces().contains(device.getName());
      if (wanted && device.isUp()) {
        addAddresses(device, served);
      }
      return wanted;
    } catch (SocketException e) {
      // containers come and go, and their interfaces with them: the others are there all the same
      Log.trace(() -> "ucx: " + device.getName() + " went away: " + Log.cause(e));
      return false;
    }
  }

  /**
   * IPv4 only: a connection to an IPv6 address overwrites the heap in UCX 1.13's connection manager
   * over TCP, and nothing is known of it over RDMA.
   */
  private static void addAddresses(NetworkInterface device, List<Subnet> to) {
    for (InterfaceAddress own : device.getInterfaceAddresses()) {
      if (own.getAddress() instanceof Inet4Address four && !four.isLinkLocalAddress()) {
        to.add(new Subnet(own.getAddress(), own.getNetworkPrefixLength()));
      }
    }
  }

  /** The network interfaces of all RDMA devices: of InfiniBand, RoCE and soft-RoCE, and VLANs. */
  private Set<String> deviceInterfaces() {
    Set<String> names = new HashSet<>();
    for (Path device : list(sysfs)) {
      for (Path own : list(device.resolve("device/net"))) {
        names.add(own.getFileName().toString());
      }
      addContent(device.resolve("parent"), names);
      for (Path port : list(device.resolve("ports"))) {
        for (Path entry : list(port.resolve("gid_attrs/ndevs"))) {
          addContent(entry, names);
        }
      }
    }
    return names;
  }

  private static List<Path> list(Path directory) {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
        found.forEach(entries::add);
      } catch (IOException e) {
        Log.debug(() -> "ucx: " + directory + " can't be read: " + Log.cause(e));
      }
    }
    return entries;
  }

  /**
   * Adds a file's content; one of an entry that is not in use can't be read, and there are many.
   */
  private static void addContent(Path file, Set<String> to) {
    if (Files.exists(file)) {
      try {
        String text = Files.readString(file).strip();
        if (!text.isEmpty()) {
          to.add(text);
        }
      } catch (IOException e) {
        Log.trace(() -> "ucx: " + file + " can't be read: " + Log.cause(e));
      }
    }
  }
}
