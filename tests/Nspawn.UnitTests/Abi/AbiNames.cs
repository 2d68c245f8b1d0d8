using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Nspawn.Linux;
using Nspawn.Linux.Interop;

namespace Nspawn.UnitTests;

/// <summary>
/// What the kernel layer says about C: the constants and structs of LibC, and everything elsewhere in the assembly that
/// is spelled as the kernel spells it (<c>PR_SET_NAME</c>, <c>tv_sec</c>) or stands in the map.
/// </summary>
internal static partial class AbiNames
{
    private const BindingFlags Declared =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] s_types =
        [.. typeof(RootDirectory).Assembly.GetTypes().Where(type => !type.FullName!.Contains('<') && !type.ContainsGenericParameters)];

    /// <summary>The constants with their value as C would widen it.</summary>
    public static IEnumerable<(string Name, string Expression, ulong Value)> Constants()
    {
        foreach (FieldInfo field in s_types.Where(type => !type.IsEnum).SelectMany(type => type.GetFields(Declared)))
        {
            string name = $"{Of(field.DeclaringType!)}.{field.Name}";
            if (field.IsLiteral && field.FieldType != typeof(string)
                && (field.DeclaringType == typeof(LibC) || CapitalName().IsMatch(field.Name) || CNames.Members.ContainsKey(name)))
            {
                yield return (name, CNames.Members.GetValueOrDefault(name, field.Name), Widened(field.GetRawConstantValue()!));
            }
        }
    }

    /// <summary>The enumerations that are numbered as in a header.</summary>
    public static IEnumerable<(string Name, string Expression, ulong Value)> Enumerations() =>
    [
        .. Enum.GetValues<Capability>().Select(one => ($"Capability.{one}", CapabilitySet.NameOf(one), (ulong)one)),
        .. Enum.GetValues<RlimitResource>().Select(one => ($"RlimitResource.{one}", Core.Rlimits.NameOf(one), (ulong)one)),
        ("DeviceKind.Block", "BPF_DEVCG_DEV_BLOCK", (ulong)Core.DeviceKind.Block),
        ("DeviceKind.Character", "BPF_DEVCG_DEV_CHAR", (ulong)Core.DeviceKind.Character),
        ("DeviceAccess.Mknod", "BPF_DEVCG_ACC_MKNOD", (ulong)Core.DeviceAccess.Mknod),
        ("DeviceAccess.Read", "BPF_DEVCG_ACC_READ", (ulong)Core.DeviceAccess.Read),
        ("DeviceAccess.Write", "BPF_DEVCG_ACC_WRITE", (ulong)Core.DeviceAccess.Write),
    ];

    public static IEnumerable<Type> Structs() => s_types.Where(type =>
        type.IsValueType && !type.IsEnum
        && (type.DeclaringType == typeof(LibC) || CNames.Structs.ContainsKey(Of(type)) || FieldsOf(type).Any(field => SmallName().IsMatch(field.Name))));

    public static FieldInfo[] FieldsOf(Type type) => [.. type.GetFields(Declared).Where(field => !field.IsStatic)];

    /// <summary>The field's name as the source has it: an automatic property's is that of the property.</summary>
    public static string NameOf(FieldInfo field) =>
        BackingField().Match(field.Name) is { Success: true } property ? property.Groups[1].Value : field.Name;

    public static int SizeOf(FieldInfo field) => field.FieldType switch
    {
        { IsPointer: true } => nint.Size,
        { IsEnum: true } type => Marshal.SizeOf(type.GetEnumUnderlyingType()),
        Type type => Marshal.SizeOf(type),
    };

    /// <summary>A type's name with that of the type around it, without the namespace.</summary>
    public static string Of(Type type) => type.IsNested ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name;

    private static ulong Widened(object value) => value switch
    {
        ulong number => number,
        nuint number => number,
        _ => unchecked((ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    [GeneratedRegex("^_*[A-Z][A-Z0-9_]+$")]
    private static partial Regex CapitalName();

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex SmallName();

    [GeneratedRegex("^<(.*)>k__BackingField$")]
    private static partial Regex BackingField();
}
