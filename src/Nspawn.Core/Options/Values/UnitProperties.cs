using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>
/// The assignments of systemctl set-property as the properties D-Bus has for them: the names differ here and there, and
/// the types are not in the text; systemd.resource-control(5), org.freedesktop.systemd1(5).
/// </summary>
public static class UnitProperties
{
    private const string Infinity = "infinity";
    private const ulong QuotaPeriod = 1_000_000; // CPUQuota= is a share of each second

    /// <exception cref="UsageException">The value is not of the property's kind.</exception>
    public static UnitProperty Parse(string assignment)
    {
        int equals = assignment.IndexOf('=');
        string name = assignment[..equals];
        string value = assignment[(equals + 1)..].Trim();
        return name switch
        {
            "MemoryMin" or "MemoryLow" or "MemoryHigh" or "MemoryMax" or "MemorySwapMax" or "MemoryZSwapMax" or "MemoryLimit"
                or "DefaultMemoryMin" or "DefaultMemoryLow"
                or "StartupMemoryLow" or "StartupMemoryHigh" or "StartupMemoryMax" or "StartupMemorySwapMax"
                => Amount(name, value, ByteSizes.Parse),
            "TasksMax" => Amount(name, value, Number),
            "CPUQuota" => new("CPUQuotaPerSecUSec", new UnitValue.Number(value.Length == 0 ? ulong.MaxValue : Share(value, QuotaPeriod))),
            "CPUWeight" or "StartupCPUWeight" when value == "idle" => new(name, new UnitValue.Number(0)),
            "CPUWeight" or "StartupCPUWeight" or "IOWeight" or "StartupIOWeight" or "CPUShares" or "StartupCPUShares" or "BlockIOWeight"
                => new(name, new UnitValue.Number(value.Length == 0 ? ulong.MaxValue : Weight(value))),
            "AllowedCPUs" or "StartupAllowedCPUs" or "AllowedMemoryNodes" or "StartupAllowedMemoryNodes"
                => new(name, new UnitValue.Bytes(Bitmap(CpuList.Parse(value)))),
            "DeviceAllow" => new(name, new UnitValue.Devices(DeviceOf(value))),
            "IODeviceLatencyTargetSec" => new("IODeviceLatencyTargetUSec", new UnitValue.DeviceLimits(DeviceLimitOf(value, time => TimeSpans.Microseconds(time, "s")))),
            "IODeviceWeight" => new(name, new UnitValue.DeviceLimits(DeviceLimitOf(value, Weight))),
            "IOReadBandwidthMax" or "IOWriteBandwidthMax" or "IOReadIOPSMax" or "IOWriteIOPSMax"
                => new(name, new UnitValue.DeviceLimits(DeviceLimitOf(value, rate => ByteSizes.Parse(rate, 1000)))),
            "KillSignal" or "RestartKillSignal" or "FinalKillSignal" or "WatchdogSignal"
                => new(name, new UnitValue.Signed(SignalNames.Parse(value))),
            "ManagedOOMMemoryPressureLimit" => new(name, new UnitValue.Scale(Scaled(value))),
            "Delegate" when Booleans.TryParse(value) is null => new("DelegateControllers", new UnitValue.Texts(Words(value))),
            "IPAddressAllow" or "IPAddressDeny" => new(name, new UnitValue.Networks(UnitNetworks.Addresses(Words(value)))),
            "SocketBindAllow" or "SocketBindDeny" => new(name, new UnitValue.SocketBinds(UnitNetworks.SocketBinds(value))),
            "RestrictNetworkInterfaces" => new(name, new UnitValue.AllowedTexts(!value.StartsWith('~'), Words(value.TrimStart('~')))),
            "After" or "Before" or "Wants" or "Requires" or "Requisite" or "BindsTo" or "PartOf" or "Upholds" or "Conflicts"
                or "OnFailure" or "OnSuccess" or "JoinsNamespaceOf" or "PropagatesReloadTo" or "ReloadPropagatedFrom"
                or "PropagatesStopTo" or "StopPropagatedFrom"
                or "Documentation" or "RequiresMountsFor" or "WantsMountsFor" or "DisableControllers"
                or "IPIngressFilterPath" or "IPEgressFilterPath"
                => new(name, new UnitValue.Texts(Words(value))),
            "Description" or "Slice" or "CollectMode" or "DevicePolicy" or "KillMode" or "OOMPolicy" or "MemoryPressureWatch"
                or "ManagedOOMSwap" or "ManagedOOMMemoryPressure" or "ManagedOOMPreference" or "OnFailureJobMode" or "OnSuccessJobMode"
                or "JobTimeoutAction" or "FailureAction" or "SuccessAction" or "SourcePath"
                => new(name, new UnitValue.Text(value)),
            _ => Guess(name, value),
        };
    }

    private static ImmutableArray<string> Words(string value) =>
        [.. value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>A percentage as a part of a whole, rounded to the nearest; <c>12.5%</c> of 1000 is 125.</summary>
    public static ulong Share(string value, ulong whole)
    {
        bool read = decimal.TryParse(
            value.AsSpan().TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal percent);
        return read && value.EndsWith('%') && percent > 0 && percent <= 100_000_000
            ? (ulong)decimal.Round(percent * whole / 100)
            : throw new UsageException("expected a percentage, such as 50%");
    }

    /// <summary>A limit: an amount, a percentage (another property, a scaled number), or none.</summary>
    private static UnitProperty Amount(string name, string value, Func<string, ulong> parse) =>
        value is "" or Infinity ? new(name, new UnitValue.Number(ulong.MaxValue))
        : value.EndsWith('%') ? new(name + "Scale", new UnitValue.Scale(Scaled(value)))
        : new(name, new UnitValue.Number(parse(value)));

    private static uint Scaled(string value)
    {
        ulong scaled = Share(value, uint.MaxValue);
        return scaled <= uint.MaxValue ? (uint)scaled : throw new UsageException("expected a percentage up to 100%");
    }

    private static ulong Number(string value) =>
        ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : throw new UsageException("expected a number");

    // Zero is what idle is written as.
    private static ulong Weight(string value) =>
        ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong weight) && weight > 0
            ? weight
            : throw new UsageException("expected a weight, a number from 1 on");

    /// <summary>Bit n of the array is processor n, from the lowest bit of the first byte on.</summary>
    private static ImmutableArray<byte> Bitmap(ImmutableArray<int> numbers)
    {
        byte[] bits = new byte[numbers.IsEmpty ? 0 : (numbers[^1] / 8) + 1];
        foreach (int number in numbers)
        {
            bits[number / 8] |= (byte)(1 << (number % 8));
        }

        return [.. bits];
    }

    private static ImmutableArray<DeviceAllowance> DeviceOf(string value)
    {
        string[] words = value.Split((char[])[' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            [] => [], // takes earlier ones back
            [string device] => [new DeviceAllowance(device, "")],
            [string device, string access] when access.All("rwm".Contains) => [new DeviceAllowance(device, access)],
            _ => throw new UsageException("expected a device and letters of rwm, such as DeviceAllow=/dev/kvm rw"),
        };
    }

    private static ImmutableArray<DeviceLimit> DeviceLimitOf(string value, Func<string, ulong> parse) =>
        value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) switch
        {
            [] => [],
            [string device, Infinity] => [new DeviceLimit(device, ulong.MaxValue)],
            [string device, string number] => [new DeviceLimit(device, parse(number))],
            _ => throw new UsageException("expected a device and a number, such as /dev/sda 10M"),
        };

    // A property this list does not know: the name tells a time, the value the rest.
    private static UnitProperty Guess(string name, string value)
    {
        const string Seconds = "Sec";
        if (name.EndsWith(Seconds, StringComparison.Ordinal) && !name.EndsWith("USec", StringComparison.Ordinal))
        {
            ulong time = value is "" or Infinity ? ulong.MaxValue : TimeSpans.Microseconds(value, "s");
            return new(name[..^Seconds.Length] + "USec", new UnitValue.Number(time));
        }

        bool isNumber = value.Length > 0 && value.All(char.IsAsciiDigit);
        bool isSize = value.Length > 1 && "KMGTPE".Contains(value[^1]) && value[..^1].All(char.IsAsciiDigit);
        bool named = name.EndsWith("Accounting", StringComparison.Ordinal) || name is "Delegate" or "SendSIGHUP" or "SendSIGKILL" or "CoredumpReceive"
            or "MemoryZSwapWriteback" or "DefaultDependencies" or "StopWhenUnneeded" or "RefuseManualStart" or "RefuseManualStop";
        return (!isNumber || named) && Booleans.TryParse(value) is bool flag ? new(name, new UnitValue.Flag(flag))
            : isNumber || isSize ? new(name, new UnitValue.Number(ByteSizes.Parse(value)))
            : new(name, new UnitValue.Text(value));
    }
}
