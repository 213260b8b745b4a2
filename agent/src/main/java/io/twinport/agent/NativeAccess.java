package io.twinport.agent;

import java.lang.reflect.Method;
import java.util.function.Consumer;

/**
 * Grants native access to one module, as {@code --enable-native-access} would for a module that is
 * there at start-up. {@linkplain InnerLoader#adopt Adopted} by a loader of ours, to whose unnamed
 * module alone {@code java.lang} is opened.
 */
final class NativeAccess implements Consumer<Module> {
  @Override
  public void accept(Module module) {
    try {
      Method grant = Module.class.getDeclaredMethod("implAddEnableNativeAccess");
      grant.setAccessible(true);
      grant.invoke(module);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK does not let native access be granted", e);
    }
  }
}
