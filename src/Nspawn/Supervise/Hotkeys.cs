namespace Nspawn;

/// <summary>What a hotkey asks for; systemd-nspawn(1), introduction of <c>--console=</c>.</summary>
internal enum HotkeyAction
{
    None,

    /// <summary><c>Ctrl-]</c> three times.</summary>
    Kill,

    /// <summary><c>Ctrl-]</c> twice, then <c>r</c>.</summary>
    Reboot,

    /// <summary><c>Ctrl-]</c> twice, then <c>p</c>.</summary>
    PowerOff,
}

/// <summary>
/// Watches what is typed for hotkeys. The keys go to the container as any others do, so nothing is held back, and
/// clock readings suffice: no timer runs.
/// </summary>
internal sealed class Hotkeys
{
    private const byte CtrlCloseBracket = 0x1d;
    private const int WithinMilliseconds = 1000;

    private int _presses;
    private long _firstPress;

    /// <summary>The first action these bytes complete.</summary>
    public HotkeyAction Watch(ReadOnlySpan<byte> typed, long nowMilliseconds)
    {
        // Nearly everything typed or pasted is told apart by one search.
        if (_presses == 0 && !typed.Contains(CtrlCloseBracket))
        {
            return HotkeyAction.None;
        }

        HotkeyAction first = HotkeyAction.None;
        foreach (byte key in typed)
        {
            HotkeyAction action = Press(key, nowMilliseconds);
            first = first == HotkeyAction.None ? action : first;
        }

        return first;
    }

    private HotkeyAction Press(byte key, long now)
    {
        bool late = now - _firstPress > WithinMilliseconds;
        int before = late ? 0 : _presses;
        _presses = 0;
        switch (key)
        {
            case CtrlCloseBracket when before == 2:
                return HotkeyAction.Kill;
            case CtrlCloseBracket:
                _firstPress = before == 0 ? now : _firstPress;
                _presses = before + 1;
                return HotkeyAction.None;
            case (byte)'r' when before == 2:
                return HotkeyAction.Reboot;
            case (byte)'p' when before == 2:
                return HotkeyAction.PowerOff;
            default:
                return HotkeyAction.None;
        }
    }
}
