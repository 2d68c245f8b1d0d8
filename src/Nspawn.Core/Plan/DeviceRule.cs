namespace Nspawn.Core;

public enum DeviceKind { Character, Block }

[Flags]
public enum DeviceAccess { None = 0, Read = 1, Write = 2, Mknod = 4 }

public readonly record struct DeviceRule(DeviceKind Kind, uint Major, uint? Minor, DeviceAccess Access);

public static class DevicePolicy
{
    public static readonly System.Collections.Immutable.ImmutableArray<DeviceRule> Default = [];
}
