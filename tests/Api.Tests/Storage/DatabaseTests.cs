using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Npgsql;
using Serve.Api.Storage;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Storage;

public class DatabaseTests
{
    [Fact]
    public async Task A_database_that_goes_is_told_and_evaluations_go_on_when_it_is_back()
    {
        await using var postgres = await PostgresServer.StartAsync();
        using var folder = NewServerFolder();
        await using var server = await ServeApplication.StartAsync(
            folder.Path, ("Serve:Database:Kind", "postgres"), ("Serve:Database:Connection", await postgres.NewDatabaseAsync()), ("Serve:ShardImages", "2"));
        var before = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await server.Client.WaitUntilOverAsync(before);

        await postgres.StopAsync();
        using var refused = await server.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", model = "shapes" }, Token);
        using var ready = await server.Client.GetAsync("/health/ready", Token);
        await postgres.RestartAsync();
        var after = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        var document = await server.Client.WaitUntilOverAsync(after);

        Assert.NotNull(refused.Headers.RetryAfter);
        var problem = await Task.FromResult(refused).ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("The database cannot be reached now. Nothing was lost; try again.", problem.Detail());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("It cannot be reached.", await ready.Content.ReadAsStringAsync(Token));
        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(5, (int)document["shards"]!["reused"]!);
        Assert.False(File.Exists(folder.File("workspace/serve.db")), "There is a SQLite file beside PostgreSQL.");
    }

    [Fact]
    public async Task Start_ends_with_1_and_no_password_when_the_database_does_not_answer()
    {
        using var folder = TestFiles.NewFolder();

        var (exitCode, output, error) = await ServeProcess.RunAsync(
            ["--workspace", folder.File("workspace"), "--models", folder.File("models"), "--data", folder.File("data")],
            ("SERVE__DATABASE__KIND", "postgres"), ("SERVE__DATABASE__CONNECTION", "Host=127.0.0.1;Port=1;Database=serve;Username=serve;Password=hidden"));

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The PostgreSQL database \"serve\" at 127.0.0.1:1 (Serve:Database:Connection) cannot be used: ", error);
        Assert.DoesNotContain("hidden", output + error);
    }

    [Theory]
    [InlineData("sqlite", "Host=db", "Serve:Database:Connection: is for PostgreSQL, and Serve:Database:Kind is sqlite: set that to postgres, or leave this out.")]
    [InlineData("postgres", null, "Serve:Database:Connection: must be a connection string of PostgreSQL, as in Host=db.example.org;Database=serve;Username=serve;Password=secret.")]
    [InlineData("postgres", "Host=db;Database=serve;Password=a;hidden", "Serve:Database:Connection: must be a connection string of PostgreSQL, as in Host=db.example.org;Database=serve;Username=serve;Password=secret.")]
    [InlineData("mysql", null, "Serve:Database:Kind: must be sqlite or postgres.")]
    public void Settings_that_name_no_database_are_refused_and_nothing_of_a_password_is_told(string kind, string? connection, string fault)
    {
        var options = new Serve.Api.Hosting.ServeOptions { Database = new DatabaseOptions { Kind = kind, Connection = connection } };

        Assert.Equal([fault], new Serve.Api.Hosting.ServeOptionsValidator().Validate(null, options).Failures!);
    }

    [Fact]
    public void A_full_disk_a_busy_and_a_lost_database_are_told_apart_and_other_faults_are_ours()
    {
        Assert.True(DatabaseFault.Of(new InvalidOperationException("outer", new SqliteException("full", 13)))!.IsFull);
        Assert.Equal("The database is busy. Try again.", DatabaseFault.Of(new SqliteException("busy", 5))!.Text);
        Assert.False(DatabaseFault.Of(new PostgresException("shut down", "FATAL", "FATAL", "57P01"))!.IsFull);
        Assert.Null(DatabaseFault.Of(new PostgresException("twice", "ERROR", "ERROR", "23505")));
        Assert.Null(DatabaseFault.Of(new IOException("elsewhere")));
    }

    private static TemporaryFolder NewServerFolder()
    {
        var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 10);
        return folder;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
