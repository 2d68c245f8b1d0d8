namespace Nspawn.Core;

/// <summary>
/// A launch that cannot go on: one line saying what was attempted, on what, why it failed, and the remedy.
/// </summary>
/// <param name="message">The line, without the program's name.</param>
/// <param name="exitStatus">What the launcher exits with: 125, or 126 and 127 for a payload that cannot be executed or is not found.</param>
public class LaunchException(string message, int exitStatus = LaunchException.LauncherError) : Exception(message)
{
    public const int LauncherError = 125;
    public const int NotExecutable = 126;
    public const int NotFound = 127;

    public int ExitStatus { get; } = exitStatus;
}
