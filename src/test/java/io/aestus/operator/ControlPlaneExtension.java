package io.aestus.operator;

import java.io.IOException;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives the tests of a class of tier {@code cluster} a {@link ControlPlane}, which ends with the class. */
public final class ControlPlaneExtension implements ParameterResolver, AfterAllCallback {
    private static final ExtensionContext.Namespace HERE =
            ExtensionContext.Namespace.create(ControlPlaneExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ControlPlane.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext ofClass =
                context.getTestMethod().isPresent() ? context.getParent().orElseThrow() : context;
        return ofClass.getStore(HERE).computeIfAbsent(ControlPlane.class, _ -> started(), ControlPlane.class);
    }

    private static ControlPlane started() {
        Tool.named("etcd");
        try {
            return ControlPlane.start();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot start the control plane: " + e.getMessage(), e);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        ControlPlane plane = context.getStore(HERE).remove(ControlPlane.class, ControlPlane.class);
        if (plane != null) {
            plane.close();
        }
    }
}
