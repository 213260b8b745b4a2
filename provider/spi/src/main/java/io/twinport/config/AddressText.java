package io.twinport.config;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Addresses as people write them: IPv6 as RFC 5952 says, such as {@code [::1]:8080}. */
public final class AddressText {
  private static final int GROUPS = 8;

  private AddressText() {}

  /** Address and port, with an IPv6 address in brackets; the name where it is not resolved. */
  public static String of(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip == null ? address.getHostString() : of(ip);
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  /** The address alone; an IPv6 address has its scope behind {@code %}, if it has one. */
  public static String of(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    String usual = address.getHostAddress();
    int scope = usual.indexOf('%');
    return ipv6(address.getAddress()) + (scope < 0 ? "" : usual.substring(scope));
  }

  /** The first of the longest rows of zeros, of two at least, is {@code ::}. */
  private static String ipv6(byte[] bytes) {
    ByteBuffer groups = ByteBuffer.wrap(bytes);
    int begin = -1;
    int longest = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && groups.getShort(2 * end) == 0) {
        end++;
      }
      if (end - i > longest) {
        begin = i;
        longest = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == begin) {
        text.append("::");
        i += longest - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(Short.toUnsignedInt(groups.getShort(2 * i))));
      }
    }
    return text.toString();
  }
}
