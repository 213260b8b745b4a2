package io.twinport.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 0.0.0.0:80",
    "127.0.0.1, 127.0.0.1:80",
    "0:0:0:0:0:0:0:0, [::]:80",
    "0:0:0:0:0:0:0:1, [::1]:80",
    "2001:db8:0:0:0:0:0:0, [2001:db8::]:80",
    "2001:0db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:80",
    "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:80",
    "2001:DB8:0:0:1:0:0:0, [2001:db8:0:0:1::]:80",
    "1:2:3:4:5:6:7:8, [1:2:3:4:5:6:7:8]:80",
  })
  void isAsRfc5952Says(String address, String text) throws Exception {
    assertEquals(text, AddressText.of(new InetSocketAddress(InetAddress.getByName(address), 80)));
  }

  @Test
  void aScopeIsKept() throws Exception {
    assertEquals("fe80::1%7", AddressText.of(InetAddress.getByName("fe80::1%7")));
  }

  @Test
  void aNameThatIsNotResolvedIsShown() {
    assertEquals("db:5432", AddressText.of(InetSocketAddress.createUnresolved("db", 5432)));
  }
}
