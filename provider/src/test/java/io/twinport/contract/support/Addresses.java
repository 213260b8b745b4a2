package io.twinport.contract.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.NetworkChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;

/** The addresses that tests bind and connect to, written as bytes so that no name is looked up. */
public final class Addresses {
  /** {@code 127.0.0.1}. */
  public static final InetAddress LOOPBACK4 = of(127, 0, 0, 1);

  /** {@code ::1}. */
  public static final InetAddress LOOPBACK6 = of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

  /** {@code 0.0.0.0}. */
  public static final InetAddress WILDCARD4 = of(0, 0, 0, 0);

  /** {@code ::}. */
  public static final InetAddress WILDCARD6 = of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** An address of TEST-NET-3 (RFC 5737), which no interface has. */
  public static final InetAddress NOT_OURS = of(203, 0, 113, 77);

  private Addresses() {}

  /** An IPv4 address from its text. */
  public static InetAddress of(String text) {
    return of(Arrays.stream(text.split("\\.", -1)).mapToInt(Integer::parseInt).toArray());
  }

  private static InetAddress of(int... bytes) {
    byte[] address = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      address[i] = (byte) bytes[i];
    }
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A kind of address that sockets of the internet don't have. */
  public static SocketAddress notOfTheInternet() {
    return UnixDomainSocketAddress.of(Path.of("nowhere"));
  }

  /** An IPv4 address of this host that is none of loopback's, on an interface that is up. */
  public static Optional<InetAddress> host4() throws IOException {
    for (NetworkInterface nic : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      if (nic.isUp()) {
        for (InetAddress address : Collections.list(nic.getInetAddresses())) {
          if (address instanceof Inet4Address && !address.isLoopbackAddress()) {
            return Optional.of(address);
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Whether the loopback interface has the address {@code ::1}. */
  public static boolean hasIpv6() throws IOException {
    return NetworkInterface.getByInetAddress(LOOPBACK6) != null;
  }

  /** The address that {@code channel} is bound to. */
  public static InetSocketAddress local(NetworkChannel channel) throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  /** The port that {@code channel} is bound to. */
  public static int port(NetworkChannel channel) throws IOException {
    return local(channel).getPort();
  }
}
