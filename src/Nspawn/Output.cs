using System.Text;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What was asked for, on standard output.</summary>
internal static class Output
{
    public static void Print(string text, int descriptor = StandardDescriptors.Output) => Descriptors.Write(
        StandardDescriptors.Borrow(descriptor), Encoding.UTF8.GetBytes(text), descriptor == StandardDescriptors.Output ? "standard output" : "standard error");
}
