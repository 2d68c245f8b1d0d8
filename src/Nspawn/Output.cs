using System.Text;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What was asked for, on standard output.</summary>
internal static class Output
{
    public static void Print(string text) => Descriptors.Write(
        StandardDescriptors.Borrow(StandardDescriptors.Output), Encoding.UTF8.GetBytes(text), "standard output");
}
