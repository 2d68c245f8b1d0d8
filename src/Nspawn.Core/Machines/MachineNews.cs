using System.Collections.Immutable;
using System.Text;

namespace Nspawn.Core;

/// <summary>
/// What is appended to a machine's state while it runs. A container says what it likes: each kind is written once, and of
/// units no more than a container has use for.
/// </summary>
public sealed class MachineNews
{
    public const string Ready = "READY";
    public const string Stopping = "STOPPING";
    public const string Active = "ACTIVE";
    public const string Inactive = "INACTIVE";

    private const string UnitActive = "X_SYSTEMD_UNIT_ACTIVE=";
    private const string UnitInactive = "X_SYSTEMD_UNIT_INACTIVE=";
    private const int MostLines = 1000;

    private readonly HashSet<string> _active = [];
    private int _unitLines;
    private bool _ready;
    private bool _stopping;

    /// <summary>The lines for a message that PID 1 sent by sd_notify(3); none when it holds nothing new.</summary>
    public ImmutableArray<string> Of(ReadOnlySpan<byte> datagram)
    {
        List<string> news = [];
        foreach (string line in Encoding.UTF8.GetString(datagram).Split('\n'))
        {
            string? one = line switch
            {
                "READY=1" when !_ready => Ready,
                "STOPPING=1" => OfStop(),
                _ when line.StartsWith("X_SYSTEMD_SHUTDOWN=", StringComparison.Ordinal) => OfStop(),
                _ when line.StartsWith(UnitActive, StringComparison.Ordinal) => OfUnit(line[UnitActive.Length..], active: true),
                _ when line.StartsWith(UnitInactive, StringComparison.Ordinal) => OfUnit(line[UnitInactive.Length..], active: false),
                _ => null,
            };
            _ready |= one == Ready;
            if (one is not null)
            {
                news.Add(one);
            }
        }

        return [.. news];
    }

    /// <summary>It is going to end; null when that was said.</summary>
    public string? OfStop()
    {
        bool news = !_stopping;
        _stopping = true;
        return news ? Stopping : null;
    }

    // Whoever has said it all is not listened to any more: what is remembered ends with what is written.
    private string? OfUnit(string unit, bool active)
    {
        if (_unitLines == MostLines || !UnitNames.IsValid(unit) || !(active ? _active.Add(unit) : _active.Remove(unit)))
        {
            return null;
        }

        _unitLines++;
        return $"{(active ? Active : Inactive)}={unit}";
    }
}
