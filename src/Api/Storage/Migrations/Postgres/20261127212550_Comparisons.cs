using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Serve.Api.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Comparisons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Origin",
                table: "shard_results",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "RerunOf",
                table: "evaluations",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.CreateTable(
                name: "comparisons",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Dataset = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Split = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Protocol = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Evaluations = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Comparison = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Images = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_comparisons", x => x.Id);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "comparisons");

            migrationBuilder.DropColumn(
                name: "Origin",
                table: "shard_results");

            migrationBuilder.DropColumn(
                name: "RerunOf",
                table: "evaluations");
        }
    }
}
