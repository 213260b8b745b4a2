package io.twinport.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of addresses that share their first bits.
 *
 * @param prefix how many bits, from the first on
 */
public record Subnet(InetAddress address, int prefix) {
  /**
   * Reads {@code address/prefix}, or an address, which is all its bits.
   *
   * @throws IllegalArgumentException if it is neither; a name is not looked up
   */
  public static Subnet parse(String text) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    try {
      // only what begins with a digit or has a colon is surely no name
      if (host.matches("[0-9.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]*")) {
        InetAddress address = InetAddress.getByName(host);
        int bits = 8 * address.getAddress().length;
        int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
        if (prefix >= 0 && prefix <= bits) {
          return new Subnet(address, prefix);
        }
      }
    } catch (UnknownHostException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a subnet", e);
    }
    throw new IllegalArgumentException("'" + text + "' is not a subnet");
  }

  /** Whether {@code other} is of the same family and has the same first bits. */
  public boolean contains(InetAddress other) {
    byte[] a = address.getAddress();
    byte[] b = other.getAddress();
    if (a.length != b.length) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit += 8) {
      int mask = 0xff << Math.max(0, 8 - (prefix - bit)) & 0xff;
      if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
