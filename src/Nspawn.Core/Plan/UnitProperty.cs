using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Nspawn.Core;

/// <summary>A property of the container's scope, as the service manager's StartTransientUnit takes it.</summary>
/// <param name="Name">Its name on D-Bus.</param>
/// <param name="Value">Its value, of the type D-Bus has for it.</param>
public sealed record UnitProperty(string Name, UnitValue Value)
{
    /// <summary>Left out where the service manager is too old to know it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WhereKnown { get; init; }

    /// <summary>The assignment it comes from; null: it is the launcher's own.</summary>
    [JsonIgnore]
    public string? Assignment { get; init; }
}

/// <summary>A value of one of D-Bus's types, which are in the names of what derives from this.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Text), "s")]
[JsonDerivedType(typeof(Flag), "b")]
[JsonDerivedType(typeof(Signed), "i")]
[JsonDerivedType(typeof(Scale), "u")]
[JsonDerivedType(typeof(Number), "t")]
[JsonDerivedType(typeof(Bytes), "ay")]
[JsonDerivedType(typeof(Texts), "as")]
[JsonDerivedType(typeof(Devices), "a(ss)")]
[JsonDerivedType(typeof(DeviceLimits), "a(st)")]
[JsonDerivedType(typeof(Networks), "a(iayu)")]
[JsonDerivedType(typeof(SocketBinds), "a(iiqq)")]
[JsonDerivedType(typeof(AllowedTexts), "(bas)")]
public abstract record UnitValue
{
    private UnitValue()
    {
    }

    public sealed record Text(string Value) : UnitValue;

    public sealed record Flag(bool Value) : UnitValue;

    public sealed record Signed(int Value) : UnitValue;

    /// <summary>A part of a whole: the largest number is all of it.</summary>
    public sealed record Scale(uint Value) : UnitValue;

    public sealed record Number(ulong Value) : UnitValue;

    public sealed record Bytes(ImmutableArray<byte> Value) : UnitValue;

    public sealed record Texts(ImmutableArray<string> Value) : UnitValue;

    /// <summary>Devices and what may be done with them.</summary>
    public sealed record Devices(ImmutableArray<DeviceAllowance> Value) : UnitValue;

    /// <summary>Block devices and a number for each: a weight, or bytes or operations a second.</summary>
    public sealed record DeviceLimits(ImmutableArray<DeviceLimit> Value) : UnitValue;

    /// <summary>Networks that packets come from or go to.</summary>
    public sealed record Networks(ImmutableArray<NetworkPrefix> Value) : UnitValue;

    /// <summary>Ports that sockets are bound to.</summary>
    public sealed record SocketBinds(ImmutableArray<SocketBind> Value) : UnitValue;

    /// <summary>Names that alone are allowed, or alone are not.</summary>
    public sealed record AllowedTexts(bool Allow, ImmutableArray<string> Value) : UnitValue;
}

/// <param name="Device">A path, or a class such as <c>char-pts</c>.</param>
/// <param name="Access">Letters of <c>rwm</c>; empty: all.</param>
public sealed record DeviceAllowance(string Device, string Access);

/// <param name="Device">The block device's path.</param>
/// <param name="Number">What it is limited to.</param>
public sealed record DeviceLimit(string Device, ulong Number);

/// <param name="Family">An AF_ number.</param>
/// <param name="Address">As in a packet.</param>
/// <param name="Length">How many bits of it count.</param>
public sealed record NetworkPrefix(int Family, ImmutableArray<byte> Address, uint Length);

/// <param name="Family">An AF_ number; 0: any.</param>
/// <param name="Protocol">An IPPROTO_ number; 0: any.</param>
/// <param name="Count">How many ports; 0: all.</param>
/// <param name="First">The first of them.</param>
public sealed record SocketBind(int Family, int Protocol, ushort Count, ushort First);
